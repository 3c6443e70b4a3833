/**
 * `npm run usage -- <outputs file> …`: what all owners use, from the ledger (docs/usage.md); with `--verify` whether it is
 * what the tasks' records say, and with `--repair` the ledger is mended from them. The file is what
 * `npx cdk deploy --outputs-file <outputs file>` wrote; account and region are those that the AWS environment names, or an
 * emulator's at `--endpoint`. Ends with 0, with 1 when something differs or AWS fails, with 2 when called wrongly.
 */
import { readFile } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsAt } from './aws-at.ts';
import { stackOutputs } from './stack-outputs.ts';
import { UsageOutputs, usageTables } from './usage/outputs.ts';
import { readCommand, USAGE } from './usage/read-command.ts';
import { asCsv, asJson, asTable, linesOf } from './usage/report.ts';
import { readStoredUsage } from './usage/stored-usage.ts';
import { verifyAll, wordsOf } from './usage/verify-all.ts';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function called() {
  try {
    const command = readCommand(process.argv.slice(2), Date.now());
    const outputs = stackOutputs(await readFile(command.file, 'utf8'), UsageOutputs);
    return { command, tables: usageTables(outputs), dynamodb: new DynamoDBClient(awsAt(command.endpoint)) };
  } catch (error) {
    console.error(`${messageOf(error)}\n${USAGE}`);
    return process.exit(2);
  }
}

const { command, tables, dynamodb } = await called();
try {
  if (command.verify) await verify();
  else await show();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function show(): Promise<void> {
  const { rows } = await readStoredUsage(dynamodb, tables.usage);
  const lines = linesOf(rows, command);
  if (command.form === 'csv') process.stdout.write(asCsv(lines));
  else console.log(command.form === 'json' ? JSON.stringify(asJson(lines)) : asTable(lines));
}

async function verify(): Promise<void> {
  const { verification, repaired } = await verifyAll(dynamodb, tables, command.repair);
  const answer = { ...verification, repaired };
  console.log(command.form === 'json' ? JSON.stringify(answer) : wordsOf(verification, repaired));
  if (verification.differences.length > repaired) process.exitCode = 1;
}
