/** The deliveries table: every attempt to deliver a webhook, by task and time, kept as long as the task's record. */
import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { attributesOf } from '../task/attributes.ts';

/** One attempt. */
export interface Delivery {
  readonly task_id: string;
  /** ISO time of the attempt and a random ending: sorts by time, and no attempt takes another's place. */
  readonly sent: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly attempt: number;
  readonly webhook_id: string;
  readonly status?: number | undefined;
  readonly error?: string | undefined;
  readonly duration_ms: number;
  /** The first 1 kB of the answer. */
  readonly answer?: string | undefined;
  /** When the table may forget it; seconds since 1970. */
  readonly expires_at: number;
}

/** An attempt as its owner sees it. */
export interface PublicDelivery {
  readonly object: 'webhook.delivery';
  readonly webhook_id: string;
  readonly attempt: number;
  readonly time: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly duration_ms: number;
  readonly answer: string | null;
}

/** Two runs of attempts and more; older ones are not shown. */
const MOST_SHOWN = 100;

export interface DeliveriesTable {
  put(delivery: Delivery): Promise<void>;
  /** The latest 100, newest first. */
  list(taskId: string): Promise<Delivery[]>;
}

export function deliveriesTable(client: DynamoDBClient, table: string): DeliveriesTable {
  return {
    async put(delivery) {
      await client.send(new PutItemCommand({ TableName: table, Item: attributesOf(delivery) }));
    },
    async list(taskId) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'task_id = :task',
          ExpressionAttributeValues: attributesOf({ ':task': taskId }),
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: MOST_SHOWN,
        }),
      );
      return Items.map((item) => unmarshall(item) as Delivery);
    },
  };
}

export const publicDelivery = (delivery: Delivery): PublicDelivery => ({
  object: 'webhook.delivery',
  webhook_id: delivery.webhook_id,
  attempt: delivery.attempt,
  time: delivery.time,
  status: delivery.status ?? null,
  error: delivery.error ?? null,
  duration_ms: delivery.duration_ms,
  answer: delivery.answer ?? null,
});
