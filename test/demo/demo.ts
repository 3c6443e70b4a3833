/**
 * `npm run demo`: boots everything fresh, and proves it as `npm run smoke` proves any deployment: one request for every
 * documented model, its event, its images. Exit status 0 only if every image is what its record and its event say.
 */
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { hasPassed, taskLines, verdictLines } from '../../infra/operations/smoke/report.ts';
import { runSmoke, SmokeOutputs } from '../../infra/operations/smoke/run-smoke.ts';
import { startHarness } from '../support/harness.ts';
import { costLines, costOf } from './cost.ts';

const PICTURES = resolve('.local/demo');
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const say = (text: string): void => {
  if (!values.json) console.log(text);
};

await rm(PICTURES, { recursive: true, force: true });
const harness = await startHarness([], say);
const { cloud, client } = harness.deployment;
const aws = { ...client, endpoint: cloud.endpoint };
try {
  say(`Wanhook answers at ${cloud.apiUrl}; Vtrix is read, not heard: its tasks take some 10 s more.\n`);
  const smoke = await runSmoke({
    outputs: SmokeOutputs.parse(cloud.outputs),
    dynamodb: new DynamoDBClient(aws),
    eventBridge: new EventBridgeClient(aws),
    secrets: new SecretsManagerClient(aws),
    sqs: new SQSClient(aws),
    directory: PICTURES,
    onResult: (result) => say(taskLines(result)),
  });
  const cost = costOf(cloud.requests());
  say(costLines(cost, smoke.results));
  say(`\n${verdictLines(smoke)}`);
  if (values.json) console.log(JSON.stringify({ ...smoke, cost }, null, 2));
  process.exitCode = hasPassed(smoke) ? 0 : 1;
} finally {
  await harness.stop();
}
