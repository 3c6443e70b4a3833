/** Stream in, events out. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { currentLinks, currentSigner } from '../../shared/runtime/dependencies.ts';
import { variable } from '../../shared/runtime/environment.ts';
import { pause } from '../../shared/runtime/pause.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { publish } from './publish.ts';

const telemetry = telemetryOf('publish');
const dependencies = { client: new EventBridgeClient(), busName: variable('BUS_NAME'), telemetry, pause };
const links = currentLinks(currentSigner());

export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
  const failed = await publish(dependencies, Records, await links());
  telemetry.info('published', { records: Records.length, failed: failed.length });
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
});
