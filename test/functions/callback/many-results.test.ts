/**
 * Regression: one callback of 18 kB with 700 results, or 4,500 entries that are none, made a record and an event that
 * nobody could take, and fetched every one of them.
 *
 * What this proves: so many results are kept, the excess is listed as lost, and the listing itself has an end.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasDynamoServer } from '../../support/tasks-table.ts';
import { type CallingBack, callingBack } from './calling-back.ts';

describe.runIf(hasDynamoServer())('a completion', () => {
  let world: CallingBack;
  beforeAll(async () => {
    world = await callingBack();
  });
  beforeEach(() => world.reset());
  afterAll(() => world.close());

  test('with 700 results: 32 are fetched and kept, the others are listed as lost', async () => {
    const record = await world.created();
    const paths = Array.from({ length: 700 }, (_, nth) => `/${nth}.png`);

    expect(await world.handle(record.id, world.completed(...paths))).toBe('completed');

    const after = await world.read(record);
    expect(world.server.seen).toHaveLength(32);
    expect(after?.images?.map(({ index }) => index)).toEqual(Array.from({ length: 32 }, (_, nth) => nth));
    expect(after?.lost).toHaveLength(668);
    expect(after?.lost?.[0]).toEqual({ index: 32, reason: 'too_many_results' });
    expect(after?.lost?.at(-1)).toEqual({ index: 699, reason: 'too_many_results' });
    expect(after?.output).toHaveLength(32);
  });

  test('with 60,000 results that are none ends, and says in few words why', async () => {
    const record = await world.created();
    const word = { id: 'p-1', status: 'completed', results: Array(60_000).fill('x') };

    expect(await world.handle(record.id, word)).toBe('failed');

    const after = await world.read(record);
    expect(after).toMatchObject({ status: 'failed', error: { code: 'results_lost' } });
    expect(after?.error?.message.length).toBeLessThan(200);
    expect(after?.lost).toHaveLength(1032);
  });

  test('with 10,000 texts keeps the first hundred, and marks the last of them as cut', async () => {
    const record = await world.created({ provider: 'vtrix', model: 'wan26_i2i' });
    const content = Array.from({ length: 10_000 }, (_, nth) => ({ text: `${nth}` }));

    await world.handleRead(record.id, { id: 'p-1', status: 'completed', output: [{ content }] });

    const { output = [] } = (await world.read(record))!;
    expect(output).toHaveLength(100);
    expect(output.slice(98)).toEqual([
      { type: 'text', text: '98' },
      { type: 'text', text: '99', truncated: true },
    ]);
  });
});
