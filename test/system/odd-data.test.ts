/** One task's odd data is its own concern: the others get their events, and its own outcome is recorded. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { taskRecord } from '../support/records.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();

const completedOf = (id: string) =>
  eventually(
    () => (system.eventsOf(id).includes(`${id}:completed`) ? true : undefined),
    `the event of ${id}`,
  );

async function completeAnother(prompt: string) {
  const { body } = await system.submit(textToImage(prompt));
  await completedOf(body.id);
}

/** A task whose provider never calls back; the test speaks for the provider. */
async function silentTask(prompt: string) {
  await system.evolink.addFault({ kind: 'hold' }, { prompt });
  const { body } = await system.submit(textToImage(prompt));
  const view = await eventually(
    async () => (await system.evolink.tasks()).find(({ callbackUrl }) => callbackUrl?.includes(body.id)),
    'the task at the provider',
  );
  const callBack = (own: object) =>
    fetch(view.callbackUrl!, {
      method: 'POST',
      body: JSON.stringify({ id: view.id, status: 'completed', ...own }),
    });
  return { id: body.id, callBack };
}

// Regression: 18 kB made an event that the bus refused; its shard repeated it for 23 hours, before all others.
test.each([
  ['4,500 results that are none', { results: Array(4500).fill('x') }],
  ['700 results at forbidden addresses', { results: Array(700).fill('https://10.0.0.1/1.png') }],
  ['a usage of 220 kB', { results: ['x'], usage: { note: '狐'.repeat(70_000) } }],
  ['a usage with a key __proto__', JSON.parse('{"results":["x"],"usage":{"__proto__":{"cost":1}}}')],
])('a callback with %s ends its task, and stops no other', async (what, body) => {
  const { id, callBack } = await silentTask(what);

  await callBack(body);
  const task = await system.ended(id);
  await completeAnother('another task');

  expect(task).toMatchObject({ status: 'failed', error: { code: 'results_lost' } });
  await eventually(() => (system.eventsOf(id).includes(`${id}:failed`) ? true : undefined), 'its event');
  expect(system.cloud.queue('Unpublished').peek()).toEqual([]);
});

// Regression: a record that could not become an event threw for its whole batch, again and again.
test('a record that cannot become an event is set aside, counted, and stops no other', async () => {
  const odd = { ...taskRecord(), created: 'soon' };

  await system.dynamodb.send(new PutItemCommand({ TableName: system.tasksTable, Item: marshall(odd) }));
  await completeAnother('after an odd record');

  const [message] = system.cloud.queue('Unpublished').peek();
  expect(JSON.parse(message!.body)).toEqual({ task: odd.id, reason: 'RangeError' });
  expect(system.counted('EventUnpublished', 'RangeError')).toBe(1);
});

test('what is on the bus is measured by model, with the way of a callback to it', async () => {
  const { id, callBack } = await silentTask('measured');
  await callBack({ results: ['x'] });
  await system.ended(id);

  const measured = (name: string) =>
    system.cloud
      .metrics()
      .filter((metric) => metric.name === name && metric.dimensions.model === 'wan2.5-text-to-image');
  await eventually(() => measured('TaskFailed')[0], 'the measures of its event');
  expect(measured('TaskCreated')).toMatchObject([{ dimensions: { service: 'publish' } }]);
  const [way] = measured('CallbackToEvent');
  expect(way!.sum / way!.count).toBeGreaterThan(0);
  expect(way!.sum / way!.count).toBeLessThan(300_000);
});

test('a task that nothing ends is found by the daily sweep', async () => {
  const created = Math.floor(Date.now() / 1000) - 30 * 3600;
  // Its outcome was known, so that `check` goes on waiting for it.
  const lost = taskRecord({
    created,
    provider_task_id: 'p-1',
    submission: 'accepted',
    reported_at: created + 60,
  });
  await system.dynamodb.send(new PutItemCommand({ TableName: system.tasksTable, Item: marshall(lost) }));

  const [result] = await system.cloud.runSchedule('Sweep');

  expect(result).toMatchObject({ payload: expect.stringMatching(/"open":1/) });
  expect(system.counted('OpenBeyond25Hours')).toBe(1);
  expect(system.log.filter((line) => line.includes('open for more than 25 hours')).join()).toContain(lost.id);
});

// Regression: the timer's message was the whole event; SQS refused it and its dead letter, and nobody read the task.
test('a prompt and metadata with characters that SQS refuses keep no timer from waiting', async () => {
  const prompt = 'a fox \uffff\ufffe\u0001';
  const metadata = { odd: '\ufffe\u0000' };

  const { body, status } = await system.submit({
    model: 'wan25_t2i_preview',
    input: { prompt },
    parameters: { n: 1 },
    metadata,
  });
  const task = await system.ended(body.id);

  expect(status).toBe(200);
  expect(task).toMatchObject({ status: 'completed', prompt, metadata });
});
