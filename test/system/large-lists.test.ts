/**
 * Regression: a page of tasks over 6 MB, which is what Lambda takes of an answer, was a bare 500.
 *
 * What this proves: pages end by their bytes too, and following the cursor shows every task once.
 */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import type { PublicTask } from '../../shared/task/public-task.ts';
import { CREATED, taskRecord } from '../support/records.ts';
import { startSystem } from './system.ts';

const system = await startSystem();

interface Page {
  readonly data: readonly PublicTask[];
  readonly next_cursor: string | null;
}

/** 100 tasks of this model, the newest last, put as somebody else would have written them. */
async function put(model: string, own: object) {
  const records = Array.from({ length: 100 }, (_, nth) =>
    taskRecord({ owner: 'tester', model, created: CREATED + nth, ...own }),
  );
  for (const record of records) {
    await system.dynamodb.send(
      new PutItemCommand({
        TableName: system.tasksTable,
        Item: marshall(record, { removeUndefinedValues: true }),
      }),
    );
  }
  return records.map(({ id }) => id).reverse();
}

/** Follows the cursor to the end. */
async function pages(query: string): Promise<Page[]> {
  const all: Page[] = [];
  let cursor = '';
  do {
    const { status, body } = await system.call<Page>('GET', `/v1/tasks?${query}${cursor}`);
    expect(status).toBe(200);
    all.push(body);
    cursor = `&cursor=${body.next_cursor}`;
  } while (all.at(-1)!.next_cursor);
  return all;
}

test.each<[string, string, object]>([
  [
    'the largest metadata, of characters that JSON escapes',
    'wan2.5-text-to-image',
    {
      metadata: Object.fromEntries(
        Array.from({ length: 16 }, (_, nth) => [`${nth}`.padStart(64, '\u0001'), '\u0001'.repeat(512)]),
      ),
    },
  ],
  ['a usage of 200 kB', 'wan26_i2i', { usage: { note: 'x'.repeat(200_000) } }],
  ['a usage full of quotes', 'wan25_t2i_preview', { usage: { note: '"'.repeat(100_000) } }],
])('a list of tasks with %s', async (_, model, own) => {
  const ids = await put(model, own);

  const all = await pages(`model=${model}&limit=100`);

  expect(all.flatMap(({ data }) => data.map(({ id }) => id))).toEqual(ids);
  expect(all.length).toBeGreaterThan(1);
  expect(all[0]!.data.length).toBeGreaterThan(10);
});
