/**
 * `npm run create-key -- <keys table> <owner>`: creates a key and prints it, this once. The table's name is the
 * deployment's output `KeysTable`; account and region are those that the AWS environment names.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newKey, putKey } from './api-keys.ts';

const [table, owner] = process.argv.slice(2);
if (!table || !owner) {
  console.error('Usage: npm run create-key -- <keys table> <owner>');
  process.exit(2);
}
const key = newKey();
await putKey(new DynamoDBClient(), table, owner, key);
console.log(key);
