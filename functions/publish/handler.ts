/** Stream in, events out. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { imageLink } from '../../shared/images/links.ts';
import { number, variable } from '../../shared/runtime/environment.ts';
import { pause } from '../../shared/runtime/pause.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { secretText } from '../../shared/security/secrets.ts';
import { publish } from './publish.ts';

const telemetry = telemetryOf('publish');
const dependencies = { client: new EventBridgeClient(), busName: variable('BUS_NAME'), telemetry, pause };
const rootSecret = secretText(new SecretsManagerClient(), variable('ROOT_SECRET'), Date.now);
const links = { publicUrl: variable('PUBLIC_URL'), days: number('IMAGE_LINK_DAYS') };

export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
  const maker = { ...links, rootSecret: await rootSecret(), now: Date.now() };
  const failed = await publish(dependencies, Records, (taskId, index) => imageLink(maker, taskId, index));
  telemetry.info('published', { records: Records.length, failed: failed.length });
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
});
