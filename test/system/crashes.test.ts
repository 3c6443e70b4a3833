/** A function dies, the bus or the table fails: nothing is lost, nothing happens twice (promises 1, 5, 6, 7). */
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { dieAt } from './deaths.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();

const vtrixTask = (prompt: string) => ({
  model: 'wan25_t2i_preview',
  input: { prompt },
  parameters: { n: 1 },
});

test.each([
  ['GetItem', 'before'],
  ['PutObject', 'before'],
  ['PutObject', 'after'],
  ['UpdateItem', 'before'],
  ['UpdateItem', 'after'],
] as const)('callback dies at %s, %s it took effect: one outcome, one event', async (operation, when) => {
  const prompt = `dies ${when} ${operation}`;
  const died = dieAt(system.cloud, 'Callback', operation, when);

  const { body } = await system.submit(textToImage(prompt, { n: 2 }));
  await died;
  // Not to wait for the queue's own visibility time-out, which is what brings the message back.
  system.cloud.queue('CallbacksQueue').makeAllVisible();
  const task = await system.ended(body.id);
  await system.cloud.idle();

  expect(task).toMatchObject({ status: 'completed', images: { length: 2 } });
  expect(task.lost).toBeUndefined();
  expect(system.eventsOf(body.id)).toEqual([`${body.id}:created`, `${body.id}:completed`]);
});

test('a bus that fails for a while gets every event in the end, with the same ids', async () => {
  let failures = 0;
  const mend = system.cloud.onRequest(({ service }) => {
    if (service !== 'EventBridge') return undefined;
    failures += 1;
    return { status: 500, code: 'InternalFailure' };
  });

  const { body } = await system.submit(textToImage('failing bus'));
  await system.ended(body.id);
  await eventually(() => failures >= 8, 'the bus to have failed a few times');
  const before = system.eventsOf(body.id);
  mend();
  const both = new Set([`${body.id}:created`, `${body.id}:completed`]);
  await eventually(() => new Set(system.eventsOf(body.id)).size === 2, 'both events');

  expect(before).toEqual([]);
  expect(new Set(system.eventsOf(body.id))).toEqual(both);
});

test('publish dies after the event is out: the event comes again with the same id', async () => {
  const died = dieAt(system.cloud, 'Publish', 'PutEvents', 'after');

  const { body } = await system.submit(textToImage('twice told'));
  await died;
  await system.ended(body.id);
  const created = `${body.id}:created`;
  const completed = `${body.id}:completed`;
  await eventually(
    () => (system.eventsOf(body.id).includes(completed) ? true : undefined),
    'the completed event',
  );

  expect(system.eventsOf(body.id).filter((id) => id === created).length).toBeGreaterThanOrEqual(2);
  expect(new Set(system.eventsOf(body.id))).toEqual(new Set([created, completed]));
});

test('a timer that SQS does not take brings its record again, and the task is checked', async () => {
  let failures = 3;
  const forget = system.cloud.onRequest(({ operation, caller }) =>
    operation === 'SendMessageBatch' && caller === system.cloud.function('Publish').name && failures-- > 0
      ? { status: 500, code: 'InternalFailure' }
      : undefined,
  );

  const { body } = await system.submit(vtrixTask('no timer at first'));
  const task = await system.ended(body.id);
  forget();

  // The record is there before its event.
  await eventually(() => system.eventsOf(body.id).includes(`${body.id}:completed`), 'the event of the end');

  expect(failures).toBeLessThanOrEqual(0);
  expect(task.status).toBe('completed');
  expect(new Set(system.eventsOf(body.id))).toEqual(new Set([`${body.id}:created`, `${body.id}:completed`]));
});

test.each([
  ['BatchGetItem', 'before'],
  ['SendMessage', 'before'],
  ['SendMessage', 'after'],
  ['SendMessageBatch', 'before'],
  ['SendMessageBatch', 'after'],
  ['UpdateItem', 'before'],
] as const)(
  'check dies at %s, %s it took effect: the task ends once, and its timers end with it',
  async (operation, when) => {
    const status = system.cloud.queue('StatusQueue');
    const died = dieAt(system.cloud, 'Check', operation, when);

    const { body } = await system.submit(vtrixTask(`check dies ${when} ${operation}`));
    await died;
    const timers = () => status.peek().filter((message) => message.body.includes(body.id));
    // Not to wait for the queue's own visibility time-out, which is what brings the message back.
    const task = await eventually(async () => {
      status.makeAllVisible();
      const now = await system.task(body.id);
      return now.status === 'completed' ? now : undefined;
    }, 'the end of the task');
    await eventually(() => {
      status.makeAllVisible();
      return timers().length === 0 ? true : undefined;
    }, 'the end of its timers');
    await system.cloud.idle();

    expect(task.images).toHaveLength(1);
    expect(system.eventsOf(body.id)).toEqual([`${body.id}:created`, `${body.id}:completed`]);
  },
);

test('an event never says more than the record: when it is heard, the record shows the outcome', async () => {
  const seen = Promise.withResolvers<unknown>();
  const forget = system.cloud.onEvent(async (event) => {
    const { task } = event.detail as { task: { id: string; prompt: string } };
    if (task.prompt !== 'record first' || event['detail-type'] !== 'Image Task Completed') return;
    seen.resolve((await system.record(task.id))?.status);
  });

  await system.submit(textToImage('record first'));

  expect(await seen.promise).toBe('completed');
  forget();
});

/** Cuts one request of submit off after it took effect; the SDK repeats it. */
function loseAnswer(operation: string): { readonly lost: () => boolean } {
  let lost = false;
  const forget = system.cloud.onRequest(({ caller, operation: asked }) => {
    if (lost || caller !== system.cloud.function('Submit').name || asked !== operation) return undefined;
    lost = true;
    forget();
    return { drop: 'after' };
  });
  return { lost: () => lost };
}

// Regression: the repeated write met its own record, so submit answered a replay and never called the provider.
test.each([{}, { 'idempotency-key': 'put once' }])(
  'the answer to the intent is lost: the repeated write is the same attempt’s, and the task is created (%o)',
  async (headers) => {
    const prompt = `lost intent ${Object.keys(headers)}`;
    const answer = loseAnswer('PutItem');

    const submitted = await system.submit(textToImage(prompt), headers);

    expect(answer.lost()).toBe(true);
    expect(submitted.headers.get('idempotent-replayed')).toBeNull();
    expect((await system.ended(submitted.body.id)).status).toBe('completed');
  },
);

test('the answer to a reopening is lost: the same attempt goes on and creates', async () => {
  const key = { 'idempotency-key': 'reopened once' };
  await system.evolink.addFault(
    { kind: 'refuse', status: 429, retryAfter: 60 },
    { prompt: 'reopen', times: 1 },
  );
  const busy = await system.submit(textToImage('reopen'), key);
  const answer = loseAnswer('UpdateItem');

  const submitted = await system.submit(textToImage('reopen'), key);

  expect(busy.status).toBe(503);
  expect(answer.lost()).toBe(true);
  expect(submitted.headers.get('idempotent-replayed')).toBeNull();
  expect((await system.ended(submitted.body.id)).status).toBe('completed');
});

// Regression: nobody knew the provider's id any more, and the paid task hung until the provider had forgotten it.
test.each(['before', 'after'] as const)(
  'submit dies at the acceptance (%s) of a provider that never calls back: the paid task completes',
  async (when) => {
    const prompt = `acceptance dies ${when}`;
    const died = dieAt(system.cloud, 'Submit', 'UpdateItem', when);

    const answer = await system.submit(vtrixTask(prompt));
    await died;
    const { id } = (await system.records()).find((record) => record.prompt === prompt)!;

    expect(answer.status).toBe(500);
    expect(await system.ended(id)).toMatchObject({ status: 'completed', images: { length: 1 } });
  },
);

test('an acceptance that the table refuses reaches the record through the queue', async () => {
  const forget = system.cloud.onRequest(({ caller, operation }) =>
    caller === system.cloud.function('Submit').name && operation === 'UpdateItem'
      ? { status: 500, code: 'InternalServerError' }
      : undefined,
  );

  const { status, body } = await system.submit(textToImage('unwritten acceptance'));
  forget();
  await eventually(
    async () => (await system.record(body.id))?.provider_task_id !== undefined,
    'the provider’s id',
  );

  expect(status).toBe(200);
  expect((await system.ended(body.id)).status).toBe('completed');
  expect(system.counted('CallbackHandled', 'accepted')).toBeGreaterThan(0);
});
