/**
 * Regression: one callback of 18 kB with 700 results, or 4,500 entries that are none, made a record and an event that
 * nobody could take, and fetched every one of them.
 *
 * What this proves: so many results are kept, the excess is listed as lost, and the listing itself has an end.
 */
import { describe, expect, test } from 'vitest';
import { hasDynamoServer } from '../../support/tasks-table.ts';
import { useCallbackHarness } from './callback-harness.ts';

describe.runIf(hasDynamoServer())('a completion', () => {
  const harness = useCallbackHarness();

  test('with 700 results: 32 are fetched and kept, the others are listed as lost', async () => {
    const record = await harness.created();
    const paths = Array.from({ length: 700 }, (_, nth) => `/${nth}.png`);

    expect(await harness.handle(record.id, harness.completed(...paths))).toBe('completed');

    const after = await harness.read(record);
    expect(harness.server.seen).toHaveLength(32);
    expect(after?.images?.map(({ index }) => index)).toEqual(Array.from({ length: 32 }, (_, nth) => nth));
    expect(after?.lost).toHaveLength(668);
    expect(after?.lost?.[0]).toEqual({ index: 32, reason: 'too_many_results' });
    expect(after?.lost?.at(-1)).toEqual({ index: 699, reason: 'too_many_results' });
    expect(after?.output).toHaveLength(32);
  });

  test('with 60,000 results that are none ends, and says briefly why', async () => {
    const record = await harness.created();
    const report = { id: 'p-1', status: 'completed', results: Array(60_000).fill('x') };

    expect(await harness.handle(record.id, report)).toBe('failed');

    const after = await harness.read(record);
    expect(after).toMatchObject({ status: 'failed', error: { code: 'results_lost' } });
    expect(after?.error?.message.length).toBeLessThan(200);
    expect(after?.lost).toHaveLength(1032);
  });

  test('with 10,000 texts keeps the first hundred, and marks the last of them as cut', async () => {
    const record = await harness.created({ provider: 'vtrix', model: 'wan26_i2i' });
    const content = Array.from({ length: 10_000 }, (_, nth) => ({ text: `${nth}` }));

    await harness.handleRead(record.id, { id: 'p-1', status: 'completed', output: [{ content }] });

    const { output = [] } = (await harness.read(record))!;
    expect(output).toHaveLength(100);
    expect(output.slice(98)).toEqual([
      { type: 'text', text: '98' },
      { type: 'text', text: '99', truncated: true },
    ]);
  });
});
