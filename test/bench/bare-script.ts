/**
 * The floor of "callback to event": a warm process that fetches, puts, updates and publishes with the same components and
 * the same local services, and does nothing else. No queue, no signature, no inspection, no stream.
 *
 * It is told by a message `{ id, urls }` and is done when the event is on the bus.
 */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const [table, bucket, bus] = process.argv.slice(2);
const dynamodb = new DynamoDBClient();
const s3 = new S3Client({ forcePathStyle: true });
const events = new EventBridgeClient();

process.on('message', async ({ id, urls }: { id: string; urls: string[] }) => {
  await Promise.all(
    urls.map(async (url, index) => {
      const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `bare/${id}/${index}.png`, Body: bytes }));
    }),
  );
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { id: { S: id } },
      UpdateExpression: 'SET bare = :done',
      ExpressionAttributeValues: { ':done': { S: 'completed' } },
    }),
  );
  const detail = JSON.stringify({ id });
  await events.send(
    new PutEventsCommand({
      Entries: [{ EventBusName: bus, Source: 'bare', DetailType: 'Bare', Detail: detail }],
    }),
  );
});
process.on('disconnect', () => process.exit(0));
