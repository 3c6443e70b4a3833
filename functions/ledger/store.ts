/** The ledger in the usage table (shared/usage/ledger-rows.ts), and how far it has come in each shard of the stream. */
import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { rowAddition } from '../../shared/usage/ledger-rows.ts';
import type { LedgerStore } from './keep-ledger.ts';

/** No owner's name has a slash. */
const partitionOf = (shardId: string): string => `shard/${shardId}`;
const ENTRY = 'checkpoint';
/** A shard can be read for a day and a few hours. */
const KEPT_SECONDS = 7 * 86_400;

/** Another transaction on one of the items, or too many at once: it passes. */
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
const PAUSES_MS = [50, 100, 200, 400, 800];

/**
 * @param table the usage table's name
 * @param random from 0 to 1
 */
export function ledgerStore(
  client: DynamoDBClient,
  table: string,
  { now, pause, random }: { now(): number; pause(ms: number): Promise<void>; random(): number },
): LedgerStore {
  const keyOf = (shardId: string) => marshall({ owner: partitionOf(shardId), entry: ENTRY });

  const move = (shardId: string, from: string | undefined, to: string): TransactWriteItem => ({
    Update: {
      TableName: table,
      Key: keyOf(shardId),
      UpdateExpression: 'SET #sequence = :to, expires_at = :expires_at',
      ConditionExpression: from === undefined ? 'attribute_not_exists(#sequence)' : '#sequence = :from',
      ExpressionAttributeNames: { '#sequence': 'sequence' },
      ExpressionAttributeValues: marshall({
        ':to': to,
        ':expires_at': Math.floor(now() / 1000) + KEPT_SECONDS,
        ...(from !== undefined && { ':from': from }),
      }),
    },
  });

  return {
    async checkpoint(shardId) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(shardId), ConsistentRead: true }),
      );
      return Item?.sequence?.S;
    },
    async commit(shardId, from, { rows, sequence }) {
      const TransactItems = [
        move(shardId, from, sequence),
        ...rows.map((row) => ({ Update: { TableName: table, ...rowAddition(row) } })),
      ];
      for (let tries = 0; ; tries++) {
        try {
          await client.send(new TransactWriteItemsCommand({ TransactItems }));
          return true;
        } catch (error) {
          const reasons = reasonsOf(error);
          if (reasons[0] === 'ConditionalCheckFailed') return false;
          const ms = PAUSES_MS[tries];
          if (ms === undefined || !reasons.some((reason) => PASSING.has(reason))) throw error;
          await pause(ms * (0.5 + random() / 2));
        }
      }
    },
  };
}

const reasonsOf = (error: unknown): string[] =>
  error instanceof TransactionCanceledException
    ? (error.CancellationReasons ?? []).map(({ Code = '' }) => Code)
    : [];
