/** A threshold is noted although the owner's transactions are on the same item, so that it is not told twice. */
import {
  type DynamoDBClient,
  TransactionConflictException,
  type UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { budgetStore } from '../../../functions/ledger/budget-store.ts';

/** The local server does one thing after the other, so what AWS answers then has to be put in. */
function contended(times: number) {
  const pauses: number[] = [];
  const notes: UpdateItemCommand[] = [];
  const send = async (command: UpdateItemCommand) => {
    notes.push(command);
    if (notes.length <= times) throw new TransactionConflictException({ message: '', $metadata: {} });
    return {};
  };
  const pause = async (ms: number) => void pauses.push(ms);
  const store = budgetStore({ send } as unknown as DynamoDBClient, 'usage', { pause, random: () => 1 });
  return { store, pauses, notes };
}

test('a note that meets a transaction is tried again, after longer and longer pauses', async () => {
  const { store, pauses, notes } = contended(2);

  await store.noteTold('acme', '2026-11-24', ['mark']);

  expect(pauses).toEqual([50, 100]);
  expect(notes).toHaveLength(3);
});

test('a note that meets one again and again is a fault, and the batch comes again', async () => {
  const { store, notes } = contended(100);

  await expect(store.noteTold('acme', '2026-11-24', ['mark'])).rejects.toThrow(TransactionConflictException);
  expect(notes).toHaveLength(8);
});
