/** A repeated request on a real table: one record and one paid call for an Idempotency-Key (promise 2). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Created } from '../../../shared/providers/provider.ts';
import { taskIdForKey } from '../../../shared/task/ids.ts';
import { acceptedAs, scriptedProvider } from '../../support/provider.ts';
import { textToImage } from '../../support/requests.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { submitting } from './submitting.ts';

const error = { code: 'insufficient_quota', message: 'no more credits', type: 'some_error' };
const refused: Created = { kind: 'refused', status: 402, error };
const busy: Created = { kind: 'busy', why: 'status 429' };
let keys = 0;
const newKey = () => `key-${++keys}`;
const idOf = (key: string) => taskIdForKey('root-secret', 'acme', key);

describe.runIf(hasDynamoServer())('an Idempotency-Key', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());
  const read = (id: string) => tables.store.get(id);

  test('with the same request is a replay: the same task, no second call, nothing written', async () => {
    const key = newKey();
    const provider = scriptedProvider();
    const first = await submitting(tables, provider).run(textToImage(), key);
    const { run, table } = submitting(tables, provider);

    const second = await run({ n: 1, ...textToImage() }, key);

    expect(second).toMatchObject({ kind: 'task', replayed: true });
    expect(second.kind === 'task' && first.kind === 'task' && second.record).toEqual(
      first.kind === 'task' && first.record,
    );
    expect(provider.creates).toHaveLength(1);
    expect(table.writes()).toEqual([]);
  });

  test('with another request is a mismatch, and nothing is written', async () => {
    const key = newKey();
    const provider = scriptedProvider();
    await submitting(tables, provider).run(textToImage(), key);
    const { run, table } = submitting(tables, provider);

    expect(await run(textToImage({ n: 2 }), key)).toEqual({ kind: 'mismatch' });
    expect(await run({ ...textToImage(), metadata: { a: 'b' } }, key)).toEqual({ kind: 'mismatch' });
    expect(table.writes()).toEqual([]);
    expect(provider.creates).toHaveLength(1);
  });

  test('of a task that was refused for good shows that task', async () => {
    const key = newKey();
    const provider = scriptedProvider({ creates: [refused, acceptedAs('p-1')] });
    await submitting(tables, provider).run(textToImage(), key);

    const again = await submitting(tables, provider).run(textToImage(), key);

    expect(again).toMatchObject({ kind: 'task', replayed: true, record: { status: 'failed', error } });
    expect(provider.creates).toHaveLength(1);
  });

  test('of a task that was refused for now creates it, as the same task', async () => {
    const key = newKey();
    const first = submitting(tables, scriptedProvider({ creates: [busy] }));
    await first.run(textToImage(), key);
    const provider = scriptedProvider();

    const again = await submitting(tables, provider).run(textToImage(), key);

    expect(again).toMatchObject({
      kind: 'task',
      replayed: false,
      record: { id: idOf(key), submission: 'accepted' },
    });
    expect(provider.creates).toHaveLength(1);
    expect(await read(idOf(key))).toMatchObject({ submission: 'accepted', provider_task_id: 'provider-1' });
  });

  test('of a task that was refused for now: of 10 repeats at once exactly one creates', async () => {
    const key = newKey();
    await submitting(tables, scriptedProvider({ creates: [busy] })).run(textToImage(), key);
    const provider = scriptedProvider();

    const all = await Promise.all(
      Array.from({ length: 10 }, () => submitting(tables, provider).run(textToImage(), key)),
    );

    expect(provider.creates).toHaveLength(1);
    expect(all.filter((one) => one.kind === 'task' && !one.replayed)).toHaveLength(1);
    expect(all.every(({ kind }) => kind === 'task')).toBe(true);
  });

  test('that is new, 10 times at once: one record, one call, one task for all', async () => {
    const key = newKey();
    const provider = scriptedProvider();

    const all = await Promise.all(
      Array.from({ length: 10 }, () => submitting(tables, provider).run(textToImage(), key)),
    );

    expect(provider.creates).toHaveLength(1);
    expect(new Set(all.map((one) => (one.kind === 'task' ? one.record.id : one.kind)))).toEqual(
      new Set([idOf(key)]),
    );
  });

  test('of another owner is another key', async () => {
    expect(taskIdForKey('root-secret', 'globex', 'k')).not.toBe(taskIdForKey('root-secret', 'acme', 'k'));
  });

  test('without one, the same request is another task', async () => {
    const provider = scriptedProvider();
    const { run } = submitting(tables, provider);

    const [one, two] = [await run(), await run()];

    expect(provider.creates).toHaveLength(2);
    expect(one.kind === 'task' && two.kind === 'task' && one.record.id !== two.record.id).toBe(true);
  });
});
