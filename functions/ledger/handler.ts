/** The tasks' changes in, sums in the ledger out. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { dynamoDbClient } from '../../shared/runtime/dependencies.ts';
import { list, variable } from '../../shared/runtime/environment.ts';
import { pause } from '../../shared/runtime/pause.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { announceThresholds } from './announce-thresholds.ts';
import { budgetStore } from './budget-store.ts';
import { changesIn } from './changes.ts';
import { keepLedger } from './keep-ledger.ts';
import { ledgerStore } from './store.ts';

const telemetry = telemetryOf('ledger');
const dynamodb = dynamoDbClient();
const usageTable = variable('USAGE_TABLE');
const names = list('USAGE_METADATA');
const store = ledgerStore(dynamodb, usageTable, { now: Date.now, pause, random: Math.random });
const announcing = {
  bus: { client: new EventBridgeClient(), busName: variable('BUS_NAME'), telemetry, pause },
  budgets: budgetStore(dynamodb, usageTable, { pause, random: Math.random }),
  now: Date.now,
};

/** Of a tumbling window, because only with one does Lambda tell the shard (docs/decisions/ledger.md). */
interface WindowEvent extends DynamoDBStreamEvent {
  readonly shardId: string;
}

interface WindowResponse extends DynamoDBBatchResponse {
  /** What the next batch of the window would be given; nothing is kept there, as it does not outlive a failure. */
  readonly state: Record<string, never>;
}

export const handler = middy<WindowEvent, WindowResponse>().handler(async ({ Records, shardId }) => {
  const changes = changesIn(telemetry, Records);
  if (changes.length > 0) await keepLedger(store, shardId, changes, names);
  await announceThresholds(
    announcing,
    changes.map(({ after }) => after),
  );
  telemetry.info('counted', { records: Records.length, counted: changes.length });
  return { batchItemFailures: [], state: {} };
});
