/**
 * `npm run keys -- <command> <outputs file> …`: creates, lists, disables, limits and rotates API keys, and sets the budgets of
 * their owners (docs/keys.md). The file is what `npx cdk deploy --outputs-file <outputs file>` wrote; account and region are
 * those that the AWS environment names, or an emulator's at `--endpoint`. Ends with 0, with 1 when it refuses or AWS fails,
 * with 2 when it was called wrongly; then nothing was changed.
 */
import { readFile } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { awsAt } from './aws-at.ts';
import { BadInput } from './keys/options.ts';
import { type Called, readCommand, usageOf } from './keys/read-command.ts';
import { type KeysDeployment, runCommand } from './keys/run-command.ts';
import { stackOutputs } from './stack-outputs.ts';

const Outputs = z.object({ KeysTable: z.string(), UsageTable: z.string(), WebhookSecret: z.string() });

async function called(): Promise<Called & { deployment: KeysDeployment }> {
  try {
    const call = readCommand(process.argv.slice(2));
    const outputs = stackOutputs(await readFile(call.file, 'utf8'), Outputs);
    const aws = awsAt(call.endpoint);
    return {
      ...call,
      deployment: {
        dynamodb: new DynamoDBClient(aws),
        secrets: new SecretsManagerClient(aws),
        keysTable: outputs.KeysTable,
        usageTable: outputs.UsageTable,
        rootSecret: outputs.WebhookSecret,
        now: Date.now,
      },
    };
  } catch (error) {
    console.error(`${messageOf(error)}\n${usageOf(process.argv[2])}`);
    return process.exit(2);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const { command, deployment, json } = await called();
try {
  const answer = await runCommand(deployment, command);
  console.log(json ? JSON.stringify(answer.json) : answer.text);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof BadInput ? 2 : 1;
}
