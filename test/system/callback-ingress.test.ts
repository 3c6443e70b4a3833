/** What comes in at the callback ingress: the real report once, everything else without effect (promises 3, 4, 5). */
import { randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { freshTaskId } from '../../shared/task/ids.ts';
import { eventually } from '../support/eventually.ts';
import { post, silentTask } from './silent-task.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();

const handled = (reason: string) => system.counted('CallbackHandled', reason);

test('the same completion three times at once: one outcome, one event, and the repeats are counted', async () => {
  const { id, url, report } = await silentTask(system, 'three times');
  const before = handled('duplicate');

  const answers = await Promise.all([post(url, report), post(url, report), post(url, report)]);
  const task = await system.ended(id);
  await system.cloud.idle();

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(task.status).toBe('completed');
  expect(system.eventsOf(id)).toEqual([`${id}:created`, `${id}:completed`]);
  expect(handled('duplicate') - before).toBe(2);
});

test('a callback that arrives before the create response completes the task', async () => {
  await system.evolink.addFault({ kind: 'callback-early' }, { prompt: 'early bird' });

  const { body } = await system.submit(textToImage('early bird'));
  const task = await system.ended(body.id);
  await system.cloud.idle();

  expect(task.status).toBe('completed');
  expect(await system.record(body.id)).toMatchObject({ submission: 'accepted', status: 'completed' });
  expect(system.eventsOf(body.id)).toEqual([`${body.id}:created`, `${body.id}:completed`]);
});

test('a contradiction after the first outcome changes nothing', async () => {
  const { id, url, report } = await silentTask(system, 'contradiction');
  await post(url, report);
  const first = await system.ended(id);

  await post(url, { ...report, status: 'failed', results: [], error: { code: 'x', message: 'y' } });
  await eventually(() => handled('contradiction') || undefined, 'the count');

  expect(await system.task(id)).toEqual(first);
});

test('garbage, forgeries and foreigners change nothing, write nothing, and are counted', async () => {
  const mine = await silentTask(system, 'mine');
  const other = await silentTask(system, 'other');
  const forged = mine.url.replace(/[^/]+$/, 'A'.repeat(43));
  const crossed = mine.url.replace(/[^/]+$/, other.url.split('/').at(-1)!);
  const unknown = mine.url.replace(mine.id, 'task_00000000000000000000000000');
  const before = { record: await system.record(mine.id), counts: system.cloud.requests() };
  const sent: [string, unknown, string][] = [
    [forged, mine.report, 'forged'],
    [crossed, mine.report, 'forged'],
    [unknown, mine.report, 'forged'],
    [mine.url, 'not json {', 'malformed'],
    [mine.url, '[]', 'malformed'],
    [mine.url, { status: 'completed', results: mine.report.results }, 'malformed'],
    [mine.url, { ...mine.report, status: 'unheard-of' }, 'malformed'],
    [mine.url, { ...mine.report, id: other.report.id }, 'completed'],
    [mine.url, { ...mine.report, filler: 'x'.repeat(300_000) }, 'oversized'],
  ];

  for (const [url, body, reason] of sent.filter(([, , reason]) => reason !== 'completed')) {
    const count = handled(reason);
    const answer = await post(url, body);
    expect(answer.status).toBe(200);
    await eventually(() => (handled(reason) > count ? true : undefined), `the count of ${reason}`);
  }
  await system.cloud.idle();

  expect(await system.record(mine.id)).toEqual(before.record);
  const callback =
    system.cloud.requests(before.counts).byCaller[system.cloud.function('Callback').name] ?? {};
  expect(callback['DynamoDB.GetItem']).toBeGreaterThan(0);
  expect(Object.keys(callback).filter((kind) => /Update|Put/.test(kind))).toEqual([]);
});

// A path parameter stands in the JSON of the message's attributes, and API Gateway puts it there as it is. The provider has the
// signature; a read that names no result is final, a callback that does is not.
test.each([
  ['task id', (id: string, signature: string, read: string) => [`${id}${read}`, signature]],
  ['signature', (id: string, signature: string, read: string) => [id, `${signature}${read}`]],
])('a callback whose %s calls it a read is forged', async (what, segments) => {
  const { url, report } = await silentTask(system, `injected into the ${what}`);
  const [, id = '', signature = ''] = /\/v1\/callbacks\/([^/]+)\/([^/]+)$/.exec(url) ?? [];
  const read = '"},"kind":{"DataType":"String","StringValue":"read';
  const path = segments(id, signature, read).map(encodeURIComponent).join('/');
  const forged = handled('forged');

  const queue = system.cloud.queue('CallbacksQueue');
  system.cloud.function('Callback').throttle(true);

  const answer = await post(url.replace(`${id}/${signature}`, path), { ...report, results: [] });
  const queued = queue.peek().map(({ attributes }) => attributes);
  system.cloud.function('Callback').throttle(false);
  queue.makeAllVisible();

  expect(answer.status).toBe(200);
  expect(queued).toContainEqual({ taskId: id, signature, kind: 'read' });
  await eventually(() => handled('forged') - forged, 'the count');
  expect(await system.record(id)).toMatchObject({ status: 'pending' });
});

test('a callback for another task of the provider’s is foreign', async () => {
  const { id, url, report } = await silentTask(system, 'foreign');

  await post(url, { ...report, id: 'task-unified-1-foreign0' });
  await eventually(() => handled('foreign') || undefined, 'the count');

  expect(await system.task(id)).toMatchObject({ status: 'pending' });
});

/**
 * A small one of test/bench/flood.ts, which measures. What this proves: the signature is checked before anything is read, each
 * forgery is counted, by the function or by the gateway's limit, and callers notice nothing.
 */
test('a flood of forgeries: nothing is read or written, each is counted, and submits succeed', async () => {
  const FORGED = 500;
  const { id, url } = await silentTask(system, 'in the flood');
  await system.evolink.addFault({ kind: 'hold' }, { prompt: 'beside the flood' });
  await system.cloud.idle();
  const record = await system.record(id);
  const route = () =>
    system.cloud.routes()['POST /v1/callbacks/{taskId}/{signature}'] ?? { requests: 0, clientErrors: 0 };
  const before = { requests: system.cloud.requests(), forged: handled('forged'), route: route() };
  const forge = (nth: number) => {
    const signature = randomBytes(32).toString('base64url');
    const task = nth % 2 ? id : freshTaskId(nth);
    return post(url.replace(/[^/]+\/[^/]+$/, `${task}/${signature}`), { id: 'x', status: 'completed' });
  };

  const flood = pLimit(20).map(
    Array.from({ length: FORGED }, (_, nth) => nth),
    forge,
  );
  const submitted = [];
  for (let nth = 0; nth < 5; nth++) submitted.push(await system.submit(textToImage('beside the flood')));
  const statuses = (await flood).map(({ status }) => status);
  await system.cloud.idle();

  const refused = route().clientErrors - before.route.clientErrors;
  expect(route().requests - before.route.requests).toBe(FORGED);
  expect(handled('forged') - before.forged + refused).toBe(FORGED);
  expect(statuses.filter((status) => status === 200)).toHaveLength(FORGED - refused);
  expect(new Set(statuses)).toEqual(new Set(refused > 0 ? [200, 429] : [200]));
  const asked = system.cloud.requests(before.requests).byCaller[system.cloud.function('Callback').name];
  expect(Object.keys(asked ?? {}).filter((kind) => !kind.startsWith('SecretsManager.'))).toEqual([]);
  expect(await system.record(id)).toEqual(record);
  expect(submitted.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
});

test('what the queue itself refuses is refused at the ingress: an empty body, more than 512 KiB', async () => {
  const { id, url } = await silentTask(system, 'refused at the ingress');

  const empty = await post(url, '');
  const huge = await post(url, 'x'.repeat(512 * 1024));

  expect(empty.status).toBe(400);
  expect(huge.status).toBe(400);
  expect(await huge.text()).toContain('Message must be shorter than 524288 bytes');
  expect(await system.task(id)).toMatchObject({ status: 'pending' });
});

test('the ingress answers while every function is throttled, and the task completes afterwards', async () => {
  const { id, url, report } = await silentTask(system, 'throttled');
  for (const fn of system.cloud.functions()) fn.throttle(true);

  const answer = await post(url, report);
  for (const fn of system.cloud.functions()) fn.throttle(false);

  // A batch that met a throttled function comes back when the queue's visibility time-out is over.
  system.cloud.queue('CallbacksQueue').makeAllVisible();

  expect(answer.status).toBe(200);
  expect((await system.ended(id)).status).toBe('completed');
});

test.each(['cancelled', 'canceled', 'failed'] as const)(
  'a cancellation spelt %s is a failed task',
  async (spelling) => {
    await system.evolink.addFault({ kind: 'cancel', spelling }, { prompt: `cancel ${spelling}` });

    const { body } = await system.submit(textToImage(`cancel ${spelling}`));

    expect(await system.ended(body.id)).toMatchObject({
      status: 'failed',
      error: { code: 'request_cancelled' },
    });
  },
);

test('a failure reaches the task, the record and the event with the provider’s message', async () => {
  await system.evolink.addFault(
    { kind: 'fail', code: 'content_policy_violation' },
    { prompt: 'not allowed' },
  );

  const { body } = await system.submit(textToImage('not allowed'));
  const task = await system.ended(body.id);
  await system.cloud.idle();

  expect(task).toMatchObject({ status: 'failed', results: [], error: { code: 'content_policy_violation' } });
  expect(system.eventsOf(body.id)).toEqual([`${body.id}:created`, `${body.id}:failed`]);
});

test('a failed callback without any error is a failed task all the same', async () => {
  await system.evolink.addFault({ kind: 'fail', code: 'x', bare: true }, { prompt: 'wordless' });

  const { body } = await system.submit(textToImage('wordless'));

  expect(await system.ended(body.id)).toMatchObject({ status: 'failed', error: { code: 'unknown_error' } });
});
