/**
 * `npm run status -- <outputs file> [--endpoint URL] [--json]`: the diagnosis of a deployment, and the command that mends each
 * trouble. The file is what `npx cdk deploy --outputs-file <outputs file>` wrote; account and region are those that the AWS
 * environment names, or an emulator's at the endpoint. It changes nothing (docs/decisions/status.md).
 * Ends with 0 when all is well, with 1 when something is not or cannot be read, with 2 when called wrongly.
 */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Call, readCall } from './status/call.ts';
import { commandsFor } from './status/commands.ts';
import { diagnose, isHealthy } from './status/diagnose.ts';
import { type Clients, readFacts } from './status/read-facts.ts';
import { screen } from './status/report.ts';

const usage = 'Usage: npm run status -- <outputs file of cdk deploy> [--endpoint URL] [--json]';

async function called(): Promise<Call> {
  try {
    return await readCall(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return process.exit(2);
  }
}

const { file, endpoint, json, aws, name, outputs } = await called();
const clients: Clients = {
  cloudWatch: new CloudWatchClient(aws),
  dynamodb: new DynamoDBClient(aws),
  eventBridge: new EventBridgeClient(aws),
  lambda: new LambdaClient(aws),
  secrets: new SecretsManagerClient(aws),
  sns: new SNSClient(aws),
  sqs: new SQSClient(aws),
};
try {
  const findings = diagnose(await readFacts(clients, name, outputs), commandsFor(outputs, file, endpoint));
  const healthy = isHealthy(findings);
  console.log(
    json
      ? JSON.stringify({ stack: name, healthy, findings })
      : screen(`${name} at ${outputs.ApiUrl}`, findings),
  );
  process.exitCode = healthy ? 0 : 1;
} catch (error) {
  const where = endpoint === undefined ? 'AWS cannot be asked' : `Nothing can be asked at ${endpoint}`;
  console.error(`✗ ${where}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
