/** The paid call: tried again only when it is certain that nothing was created, and only while there is time. */
import { describe, expect, test } from 'vitest';
import { tryToCreate } from '../../../functions/submit/create-task.ts';
import type { Created } from '../../../shared/providers/provider.ts';
import { acceptedAs, scriptedProvider } from '../../support/provider.ts';

const busy: Created = { kind: 'busy', why: 'status 429' };
const accepted = acceptedAs('p-1');

/** Creates with a clock that only the pauses and the provider move; `left` milliseconds until the deadline. */
async function create(creates: readonly Created[], { left = 25_000, takes = 0 } = {}) {
  const clock = { now: 0, pauses: [] as number[] };
  const slow = creates.map((created) => () => {
    clock.now += takes;
    return created;
  });
  const provider = scriptedProvider({ creates: slow });
  const created = await tryToCreate(provider, {}, 'https://callback', {
    now: () => clock.now,
    deadline: left,
    pause: async (ms) => {
      clock.pauses.push(ms);
      clock.now += ms;
    },
  });
  return { created, provider, clock };
}

test.each<Created>([
  accepted,
  { kind: 'unconfirmed', why: 'TIMEOUT' },
  { kind: 'refused', status: 400, error: { code: 'x', message: 'y', type: 'z' } },
])('$kind is the answer at once', async (only) => {
  const { created, provider } = await create([only, busy]);
  expect(created).toEqual(only);
  expect(provider.creates).toHaveLength(1);
});

describe('busy', () => {
  test('is tried again, three times at the most', async () => {
    const { created, provider, clock } = await create([busy]);

    expect(created).toEqual(busy);
    expect(provider.creates).toHaveLength(4);
    expect(clock.pauses).toEqual([500, 1500, 3000]);
  });

  test.each([1, 2, 3])('%i times, then accepted', async (times) => {
    const { created, provider } = await create([...Array(times).fill(busy), accepted]);
    expect(created).toEqual(accepted);
    expect(provider.creates).toHaveLength(times + 1);
  });

  test('then unconfirmed is never tried again', async () => {
    const { created, provider } = await create([busy, { kind: 'unconfirmed', why: 'TIMEOUT' }, accepted]);
    expect(created.kind).toBe('unconfirmed');
    expect(provider.creates).toHaveLength(2);
  });

  test('waits as long as the provider says, where that is longer', async () => {
    const { clock } = await create([
      { ...busy, retryAfterSeconds: 4 },
      { ...busy, retryAfterSeconds: 0 },
      accepted,
    ]);
    expect(clock.pauses).toEqual([4000, 1500]);
  });

  test('is not waited for beyond the time that is left', async () => {
    const { created, provider, clock } = await create([{ ...busy, retryAfterSeconds: 21 }]);
    expect(created).toMatchObject({ kind: 'busy', retryAfterSeconds: 21 });
    expect([provider.creates.length, clock.pauses]).toEqual([1, []]);
  });

  test('is not tried again when too little time would be left for an answer', async () => {
    expect((await create([busy, accepted], { left: 5500 })).created.kind).toBe('accepted');
    expect((await create([busy, accepted], { left: 5499 })).created.kind).toBe('busy');
  });
});

describe('the time for an answer', () => {
  test('is 20 s, or what is left', async () => {
    const { provider } = await create([busy, accepted], { left: 25_000, takes: 6000 });
    expect(provider.creates.map(({ timeoutMs }) => timeoutMs)).toEqual([20_000, 25_000 - 6000 - 500]);
  });

  test.each([4999, 0, -1000])('with %i ms left is too short to pay in: nothing is created', async (left) => {
    const { created, provider } = await create([accepted], { left });
    expect(created.kind).toBe('busy');
    expect(provider.creates).toEqual([]);
  });
});
