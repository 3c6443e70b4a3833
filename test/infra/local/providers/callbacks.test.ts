/** The callback: when it comes, how often, and what it says, with the pauses shrunk to a twentieth. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type StandInProviders, startStandInProviders } from '../../../../infra/local/providers/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { type FaultInput, StandInClient } from '../../../support/stand-in-client.ts';
import { call, newKey, openReceiver, type Receiver } from './testing.ts';

const unit = 50;
let standIns: StandInProviders;
let receiver: Receiver;
let key: string;
let control: StandInClient;

beforeAll(async () => {
  standIns = await startStandInProviders({
    delayMs: 20,
    callbackRetryUnitMs: unit,
    allowLoopbackCallbacks: true,
    pictures: 'plain',
  });
  receiver = await openReceiver();
});
afterAll(async () => {
  await standIns.close();
  await receiver.close();
});
beforeEach(() => {
  key = newKey();
  control = new StandInClient(standIns.urls.evolink, key);
  receiver.posts.length = 0;
  receiver.answers.length = 0;
});

async function create(fault?: FaultInput, at = standIns): Promise<string> {
  if (fault !== undefined) await control.addFault(fault);
  const { body } = await call(`${at.urls.evolink}/v1/images/generations`, key, {
    model: 'wan2.5-text-to-image',
    prompt: 'a fox',
    n: 1,
    callback_url: `${receiver.url}/callback`,
  });
  return String(body.id);
}

const posts = (count: number) =>
  eventually(() => (receiver.posts.length >= count ? receiver.posts : undefined));
/** Waits until the stand-in sends nothing more about any task of the account. */
const quiet = () =>
  eventually(async () => ((await control.tasks()).every(({ settled }) => settled) ? true : undefined));

test('one callback after the outcome, with the body of the task query', async () => {
  const id = await create();

  const [post] = await posts(1);
  const { body } = await call(`${standIns.urls.evolink}/v1/tasks/${id}`, key);
  await quiet();

  expect(post?.path).toBe('/callback');
  expect(post?.body).toEqual(body);
  expect(post?.body).toMatchObject({ id, status: 'completed', progress: 100 });
  expect(receiver.posts).toHaveLength(1);
  const { completedAt } = (await control.tasks())[0] ?? {};
  expect(post?.at).toBeGreaterThanOrEqual(completedAt ?? Number.POSITIVE_INFINITY);
});

test('retries after 1, 2 and 4 units, then never again', async () => {
  receiver.answers.push(500, 302, 404, 503);
  await create();

  await posts(4);
  await quiet();

  const times = receiver.posts.map(({ at }) => at);
  const pauses = times.slice(1).map((at, place) => (at - (times[place] ?? 0)) / unit);
  expect(times).toHaveLength(4);
  for (const [place, expected] of [1, 2, 4].entries()) {
    expect(pauses[place]).toBeGreaterThanOrEqual(expected - 0.1);
  }
  const { callbacks } = await control.calls();
  expect(callbacks.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 500],
    [2, 302],
    [3, 404],
    [4, 503],
  ]);
});

test('a receiver that does not answer in time is tried again', async () => {
  const impatient = await startStandInProviders({
    delayMs: 20,
    callbackRetryUnitMs: unit,
    callbackTimeoutMs: 500,
    allowLoopbackCallbacks: true,
    pictures: 'plain',
  });
  const account = new StandInClient(impatient.urls.evolink, key);
  receiver.answers.push(0, 204);
  await create(undefined, impatient);

  const callbacks = await eventually(async () => {
    const calls = await account.calls();
    return calls.callbacks.some(({ status }) => status === 204) ? calls.callbacks : undefined;
  });
  await impatient.close();

  expect(callbacks[0]).toMatchObject({ attempt: 1, error: expect.stringMatching(/time/i) });
  expect(callbacks[0]?.ms).toBeGreaterThanOrEqual(490);
  expect(callbacks[1]?.attempt).toBe(2);
});

test('a callback may come before the create is answered', async () => {
  await control.addFault({ kind: 'callback-early' });
  await control.addFault({ kind: 'slow', ms: 50 });

  const id = await create();

  expect(receiver.posts[0]?.body).toMatchObject({ id, status: 'completed' });
});

test('no callback', async () => {
  const id = await create({ kind: 'callback-none' });

  await quiet();

  expect(receiver.posts).toHaveLength(0);
  expect((await control.tasks())[0]).toMatchObject({ id, status: 'completed' });
});

test('a late callback', async () => {
  await create({ kind: 'callback-delay', ms: 150 });

  const [post] = await posts(1);

  const { completedAt } = (await control.tasks())[0] ?? {};
  expect((post?.at ?? 0) - (completedAt ?? 0)).toBeGreaterThanOrEqual(145);
});

test.each([false, true])('duplicates, all at once: %s', async (concurrent) => {
  await create({ kind: 'callback-duplicate', times: 3, concurrent });

  await posts(3);
  await quiet();

  expect(receiver.posts).toHaveLength(3);
  expect(new Set(receiver.posts.map(({ body }) => JSON.stringify(body))).size).toBe(1);
});

test.each([
  ['completed', 'failed', undefined],
  ['failed', 'completed', { kind: 'fail' } as const],
])('a second callback that contradicts: %s, then %s', async (first, second, fault) => {
  if (fault !== undefined) await control.addFault(fault);
  const id = await create({ kind: 'callback-contradict' });

  await posts(2);

  expect(receiver.posts.map(({ body }) => [body.id, body.status])).toEqual([
    [id, first],
    [id, second],
  ]);
});

test('the shapes that integrators have seen', async () => {
  const id = await create({
    kind: 'callback-shape',
    wrapped: true,
    id: 'task_id',
    completed: 'succeeded',
    without: ['model', 'created'],
  });

  const [post] = await posts(1);

  const data = post?.body.data as Record<string, unknown>;
  expect(data).toMatchObject({ task_id: id, status: 'succeeded' });
  expect(Object.keys(data)).not.toContain('id');
  expect(Object.keys(data)).not.toContain('model');
});

test.each([
  ['cancelled', 'cancelled'],
  ['canceled', 'canceled'],
  ['failed', 'failed'],
] as const)('a cancellation spelled %s', async (spelling, status) => {
  await create({ kind: 'cancel', spelling });

  const [post] = await posts(1);

  expect(post?.body).toMatchObject({ status, error: { code: 'request_cancelled' } });
});

test('a failure without an error, and one without a type', async () => {
  await control.addFault({ kind: 'fail', bare: true }, { times: 1 });
  await create();
  await posts(1);
  await control.addFault({ kind: 'fail', untyped: true }, { times: 1 });
  await create();
  await posts(2);

  expect(receiver.posts[0]?.body).not.toHaveProperty('error');
  expect(Object.keys(receiver.posts[1]?.body.error as object)).toEqual(['code', 'message']);
});

test('a callback is sent again by hand', async () => {
  const id = await create();
  await posts(1);

  const body = await control.replayCallback(id);

  expect(receiver.posts).toHaveLength(2);
  expect(receiver.posts[1]?.body).toEqual(body);
  expect(body.id).toBe(id);
});
