/**
 * Regression: an outcome larger than what DynamoDB takes of one item (400 kB) could never be recorded.
 *
 *   accept (usage: 220 kB) ─► conclude (usage: 220 kB) ─► ValidationException ─► the queue tries again, 300 times
 *
 * What this proves: every outcome is written, and what was left out or cut is marked where it was.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../shared/task/record.ts';
import { CREATED, keptImage, outcome, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';

const kB = 1024;
const usageOf = (bytes: number) => ({ credits: 1, note: 'x'.repeat(bytes) });
/** The largest metadata that a request may carry. */
const metadata = Object.fromEntries(
  Array.from({ length: 16 }, (_, nth) => [`${nth}`.padStart(64, 'k'), '狐'.repeat(512)]),
);

describe.runIf(hasDynamoServer())('on a real table', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());

  /** A task with the largest of what a request and a create may bring, concluded. */
  async function concluded(changes: Partial<Outcome>) {
    const record = taskRecord({ metadata, prompt: '狐'.repeat(5000) });
    await tables.store.putIntent(record);
    await tables.store.accept(record.id, { provider_task_id: 'provider-1', reserved: usageOf(220 * kB) });
    const written = await tables.store.conclude(record.id, outcome(changes));
    return { written, record: await tables.store.get(record.id) };
  }

  test('the server has the limit that is tested here', async () => {
    const record = taskRecord({ prompt: 'x'.repeat(401 * kB) });
    await expect(tables.store.putIntent(record)).rejects.toThrow('maximum allowed size');
  });

  test('usage of 220 kB twice: the create’s is left out, the outcome’s is kept', async () => {
    const { written, record } = await concluded({ usage: usageOf(220 * kB), images: [keptImage(0)] });

    expect(written).toEqual({ kind: 'written' });
    expect(record).toMatchObject({
      status: 'completed',
      images: [keptImage(0)],
      reserved: { omitted_bytes: expect.any(Number) },
      usage: usageOf(220 * kB),
    });
  });

  test('images that were kept before the outcome make room for it', async () => {
    const record = taskRecord({ metadata, prompt: '狐'.repeat(5000), owner: 'o'.repeat(64) });
    const images = Array.from({ length: 32 }, (_, nth) => ({ ...keptImage(nth), key: 'k'.repeat(200) }));
    await tables.store.putIntent(record);
    await tables.store.accept(record.id, { provider_task_id: 'provider-1', reserved: usageOf(31 * kB) });

    const noted = await tables.store.noteUnfinished(record.id, 'provider-1', {
      reported_at: CREATED,
      archive_fault: CREATED,
      kept_images: images.map((image) => ({ ...image, source: 'f'.repeat(32) })),
    });
    const output = [{ type: 'text' as const, text: 'x'.repeat(400 * kB) }];
    const written = await tables.store.conclude(record.id, outcome({ images, output }));

    expect([noted, written]).toEqual([{ kind: 'written' }, { kind: 'written' }]);
    expect((await tables.store.get(record.id))?.images).toHaveLength(32);
  });

  test('usage goes before texts: they are kept as they are', async () => {
    const output = [{ type: 'text' as const, text: '狐'.repeat(80_000) }];

    const { record } = await concluded({ usage: usageOf(200 * kB), output });

    expect(record).toMatchObject({ usage: { omitted_bytes: expect.any(Number) }, output });
  });

  test('texts are cut between characters, in their order, and marked', async () => {
    const text = (length: number) => ({ type: 'text' as const, text: '🦊'.repeat(length) });
    const image = { type: 'image' as const, index: 0 };

    const { record } = await concluded({ output: [text(10), image, text(90_000), text(10), text(90_000)] });

    const [first, second, cut, fourth, last] = record!.output!;
    expect([first, second]).toEqual([text(10), image]);
    expect(cut).toMatchObject({ type: 'text', truncated: true, text: expect.stringMatching(/^(🦊)+$/u) });
    expect(fourth).toEqual({ type: 'text', text: '', truncated: true });
    expect(last).toEqual({ type: 'text', text: '', truncated: true });
  });

  test('a failure’s usage is left out too', async () => {
    const error = { code: 'content_policy_violation', message: 'No.', type: 'task_error' };

    const { record } = await concluded({ status: 'failed', error, usage: usageOf(390 * kB) });

    expect(record).toMatchObject({ status: 'failed', error, usage: { omitted_bytes: expect.any(Number) } });
  });

  test('what is small is kept as it came', async () => {
    const changes = { usage: { credits: 1.2 }, output: [{ type: 'text' as const, text: 'once' }] };
    expect((await concluded(changes)).record).toMatchObject({ ...changes, completed: CREATED + 30 });
  });

  test.each([
    ['__proto__', JSON.parse('{"__proto__":{"cost":1},"credits":2}'), { credits: 2 }],
    ['an empty name', { '': 1, credits: 2 }, { credits: 2 }],
    ['a name that is too long', { ['n'.repeat(65_536)]: 1, credits: 2 }, { credits: 2 }],
  ])('usage with %s, which no item can hold, is recorded without it', async (_, usage, kept) => {
    const { written, record } = await concluded({ usage });
    expect(written).toEqual({ kind: 'written' });
    expect(record?.usage).toEqual(kept);
  });
});
