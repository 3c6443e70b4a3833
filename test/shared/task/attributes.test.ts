/**
 * Regression: usage with a key `constructor`, or a lone surrogate in a provider's text, could never be recorded.
 *
 *   callback ─► images kept ─► conclude throws ─► the queue tries again ─► throws … ─► dead letters, task pending
 *
 * What this proves: whatever texts and names come, the write is one that the table takes, and reads back.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outcome, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';

describe.runIf(hasDynamoServer())('on a real table', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());

  test('metadata may have names that JavaScript stumbles over', async () => {
    const metadata = { constructor: 'y', toString: 'z' };
    const record = taskRecord({ metadata });

    await tables.store.putIntent(record);

    expect((await tables.store.get(record.id))?.metadata).toEqual(metadata);
  });

  test.each<[string, object, object]>([
    ['a key constructor', { usage: { constructor: { cost: 1 } } }, { usage: { constructor: { cost: 1 } } }],
    ['a lone surrogate', { usage: { note: 'a\ud83d' } }, { usage: { note: 'a\ufffd' } }],
    [
      'a lone surrogate in a text',
      { output: [{ type: 'text', text: '\ud83d' }] },
      { output: [{ type: 'text', text: '\ufffd' }] },
    ],
  ])('an outcome with %s is recorded', async (_, odd, kept) => {
    const record = taskRecord();
    await tables.store.putIntent(record);

    expect(await tables.store.conclude(record.id, { ...outcome(), ...odd })).toEqual({ kind: 'written' });
    expect(await tables.store.get(record.id)).toMatchObject({ status: 'completed', ...kept });
  });
});
