/**
 * `npm run rotate-webhook-secret -- <outputs file> <key id> [--force]`: a new secret signs the webhooks of a key's tasks
 * from now on, and is printed; for 24 hours the one before signs besides, so that receivers can change over.
 * Ends with 0, with 1 when it refuses (a rotation within the last 24 hours), with 2 when called wrongly.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { stackOutputs } from './stack-outputs.ts';
import { findKey, rotateWebhookSecret } from './webhook-secrets.ts';

const usage = 'Usage: npm run rotate-webhook-secret -- <outputs file of cdk deploy> <key id> [--force]';
const Outputs = z.object({ KeysTable: z.string(), WebhookSecret: z.string() });

async function called() {
  try {
    const options = { force: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file, keyId, ...more] = positionals;
    if (!file || !keyId || more.length > 0) throw new Error('There must be one outputs file and one key id');
    return { force: values.force, keyId, outputs: stackOutputs(await readFile(file, 'utf8'), Outputs) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return process.exit(2);
  }
}

const isoTime = (seconds: number) => new Date(seconds * 1000).toISOString();

const { force, keyId, outputs } = await called();
const deployment = {
  dynamodb: new DynamoDBClient(),
  secrets: new SecretsManagerClient(),
  keysTable: outputs.KeysTable,
  rootSecret: outputs.WebhookSecret,
};
try {
  const key = await findKey(deployment.dynamodb, deployment.keysTable, keyId);
  const rotated = await rotateWebhookSecret(deployment, key, { now: Math.floor(Date.now() / 1000), force });
  if (rotated.kind === 'too_soon') {
    throw new Error(
      `Two secrets of ${keyId} sign until ${isoTime(rotated.until)}. Nothing was changed; with --force the older one ends now.`,
    );
  }
  console.log(rotated.secret);
  console.log(`The secret before it signs besides until ${isoTime(rotated.bothSignUntil)}.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
