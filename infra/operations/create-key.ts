/**
 * `npm run create-key -- <outputs file> <owner>`: creates a key and prints it, this once, with the secret that signs its
 * webhooks. The file is what `npx cdk deploy --outputs-file <outputs file>` wrote; account and region are those that the
 * AWS environment names.
 */
import { readFile } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { keyIdOf, newKey, putKey } from './api-keys.ts';
import { stackOutputs } from './stack-outputs.ts';
import { currentWebhookSecret } from './webhook-secrets.ts';

const [file, owner, ...more] = process.argv.slice(2);
if (!file || !owner || more.length > 0) {
  console.error('Usage: npm run create-key -- <outputs file of cdk deploy> <owner>');
  process.exit(2);
}
const outputs = stackOutputs(
  await readFile(file, 'utf8'),
  z.object({ KeysTable: z.string(), WebhookSecret: z.string() }),
);
const dynamodb = new DynamoDBClient();
const key = newKey();
await putKey(dynamodb, outputs.KeysTable, owner, key);
const deployment = {
  dynamodb,
  secrets: new SecretsManagerClient(),
  keysTable: outputs.KeysTable,
  rootSecret: outputs.WebhookSecret,
};
console.log(`key             ${key}`);
console.log(`key id          ${keyIdOf(key)}`);
console.log(`webhook secret  ${await currentWebhookSecret(deployment, { owner, keyId: keyIdOf(key) })}`);
