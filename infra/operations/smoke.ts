/**
 * `npm run smoke -- <outputs file> [--endpoint URL] [--json] [--without-callbacks]`: proves a deployment. The file is what
 * `npx cdk deploy --outputs-file <outputs file>` wrote; account and region are those that the AWS environment names, or an
 * emulator's at the endpoint. Ends with 0, with 1 when something is not as it must be, with 2 when called wrongly.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsAt } from './aws-at.ts';
import { hasPassed, taskLines, verdictLines } from './smoke/report.ts';
import { runSmoke, SmokeOutputs } from './smoke/run-smoke.ts';
import { stackOutputs } from './stack-outputs.ts';

const usage =
  'Usage: npm run smoke -- <outputs file of cdk deploy> [--endpoint URL] [--json] [--without-callbacks]';

async function called() {
  try {
    const options = {
      endpoint: { type: 'string' },
      json: { type: 'boolean', default: false },
      'without-callbacks': { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file, ...more] = positionals;
    if (!file || more.length > 0) throw new Error('There must be one outputs file');
    return {
      json: values.json,
      withoutCallbacks: values['without-callbacks'],
      aws: awsAt(values.endpoint),
      outputs: stackOutputs(await readFile(file, 'utf8'), SmokeOutputs),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return process.exit(2);
  }
}

const { json, aws, outputs, withoutCallbacks } = await called();
try {
  const smoke = await runSmoke({
    outputs,
    withoutCallbacks,
    dynamodb: new DynamoDBClient(aws),
    eventBridge: new EventBridgeClient(aws),
    secrets: new SecretsManagerClient(aws),
    sqs: new SQSClient(aws),
    directory: resolve('.local/smoke'),
    onResult: (result) => {
      if (!json) console.log(taskLines(result));
    },
  });
  console.log(json ? JSON.stringify(smoke) : verdictLines(smoke));
  process.exitCode = hasPassed(smoke) ? 0 : 1;
} catch (error) {
  console.error(`✗ ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
