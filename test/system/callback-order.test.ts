/**
 * Regression: callbacks of one task were handled at the same time, and those of several tasks waited for each other.
 *
 *   completed ─► fetches its images ──────────────────► its write fails: the task has ended
 *   failed         ─► one write: the task has failed, although the first report came first and its images exist
 *
 * What this proves: a task's callbacks are handled one after another, in the order in which they came; a task's slowness
 * is its own; and nobody without a signature holds a task up.
 */
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { post, silentTask } from './silent-task.ts';
import { startSystem } from './system.ts';

const system = await startSystem();
const handled = (reason: string) => system.counted('CallbackHandled', reason);
const failure = { status: 'failed', results: [], error: { code: 'x', message: 'y' } };

async function downloadsOf(id: unknown): Promise<number> {
  const { downloads } = await system.evolink.calls();
  return downloads.filter(({ taskId }) => taskId === id).length;
}

test('completed, and at once failed: the first report wins, however long its images take', async () => {
  await system.evolink.addFault({ kind: 'picture-status', status: 503, times: 2 }, { prompt: 'first' });
  const { id, url, report } = await silentTask(system, 'first report');
  const contradictions = handled('contradiction');

  await post(url, report);
  await post(url, { ...report, ...failure });
  const task = await system.ended(id);
  await system.cloud.idle();

  expect(task).toMatchObject({ status: 'completed', images: { length: 1 } });
  expect(handled('contradiction') - contradictions).toBe(1);
  expect(system.eventsOf(id)).toEqual([`${id}:created`, `${id}:completed`]);
});

test('three equal callbacks fetch every image once', async () => {
  const { id, url, report } = await silentTask(system, 'three times', { n: 2 });
  const duplicates = handled('duplicate');

  await Promise.all([post(url, report), post(url, report), post(url, report)]);
  await eventually(() => (handled('duplicate') - duplicates === 2 ? true : undefined), 'the repeats');

  expect((await system.task(id)).status).toBe('completed');
  expect(await downloadsOf(report.id)).toBe(2);
});

test('tasks whose image host hangs hold up no other', async () => {
  await system.evolink.addFault({ kind: 'picture-hang' }, { prompt: 'hangs' });
  const tasks = (count: number, prompt: string) =>
    Promise.all(Array.from({ length: count }, (_, nth) => silentTask(system, `${prompt} ${nth}`, { n: 4 })));
  // Fewer than the local cloud runs functions at a time.
  const slow = await tasks(2, 'its host hangs');
  const healthy = await tasks(5, 'its host is well');

  // All of them wait in the queue when the function comes back, as after an outage.
  system.cloud.function('Callback').throttle(true);
  for (const { url, report } of [...slow, ...healthy]) await post(url, report);
  const queue = system.cloud.queue('CallbacksQueue');
  await eventually(() => queue.depth().inFlight === 7, 'the throttled invocations');
  system.cloud.function('Callback').throttle(false);
  queue.makeAllVisible();
  const ended = await Promise.all(healthy.map(({ id }) => system.ended(id)));

  expect(ended.map(({ status }) => status)).toEqual(healthy.map(() => 'completed'));
  for (const { id } of slow) expect((await system.task(id)).status).toBe('pending');
});

test('forged callbacks in front of a real one are dropped, and it completes its task', async () => {
  const { id, url, report } = await silentTask(system, 'behind forgeries');
  const forgeries = handled('forged');
  const forged = url.replace(/[^/]+$/, `1-${'A'.repeat(43)}`);

  for (let sent = 0; sent < 100; sent += 20) {
    await Promise.all(Array.from({ length: 20 }, () => post(forged, { ...report, ...failure })));
  }
  await post(url, report);

  expect((await system.ended(id)).status).toBe('completed');
  expect(handled('forged') - forgeries).toBe(100);
});

test.each([
  ['longer than a message group may be', 'x'.repeat(129)],
  ['of characters that no message group may hold', encodeURIComponent('task 狐')],
])('a task id %s is refused at the ingress, and nothing is queued', async (_, taskId) => {
  const { url, report } = await silentTask(system, `refused ${taskId.length}`);
  const callback = new URL(url);
  callback.pathname = callback.pathname.replace(/task_\w+/, taskId);

  const answer = await post(callback.href, report);

  expect(answer.status).toBe(400);
  const queued = system.cloud.queue('CallbacksQueue').peek();
  expect(queued.filter(({ attributes }) => attributes.taskId === decodeURIComponent(taskId))).toEqual([]);
});
