import { expect, test } from 'vitest';
import { countsOf, filtered, merged, visible } from '../../../../../functions/page/web/history/merge.ts';
import { aTask } from '../tasks.ts';

const nobody = { sent: new Set<string>(), hidden: new Set<string>() };

test('what is listed is shown, also what other services created', () => {
  const [mine, theirs] = [aTask(), aTask()];
  expect(merged([{ task: mine, submittedAt: 0 }], [theirs, mine], 1).map(({ task }) => task)).toEqual([
    theirs,
    mine,
  ]);
});

test('a task that was just submitted stays while the index does not have it yet, and not for ever', () => {
  const [mine, listed] = [aTask(), aTask()];
  const known = [{ task: mine, submittedAt: 1000 }];
  expect(merged(known, [listed], 2000).map(({ task }) => task.id)).toEqual([mine.id, listed.id]);
  expect(merged(known, [listed], 61_001).map(({ task }) => task.id)).toEqual([listed.id]);
});

test('a task that is no longer listed goes', () => {
  expect(merged([{ task: aTask() }], [], 0)).toEqual([]);
});

test('an index that lags behind does not take an end back', () => {
  const done = aTask({ status: 'completed' });
  const [shown] = merged([{ task: done }], [{ ...done, status: 'processing' }], 0);
  expect(shown?.task.status).toBe('completed');
});

test('a task that was never created is not shown; the failed one that it becomes is', () => {
  const ghost = aTask({ status: 'pending', not_created: true });
  const ended = aTask({ status: 'failed' });
  expect(visible([ghost, ended], nobody)).toEqual([ended]);
});

test('a task whose submission is still on its way is shown once, as that', () => {
  const [listed, other] = [aTask({ metadata: { 'page.submission': 'key' } }), aTask()];
  expect(visible([listed, other], { ...nobody, sent: new Set(['key']) })).toEqual([other]);
});

test('what is hidden is not shown', () => {
  const [one, other] = [aTask(), aTask()];
  expect(visible([one, other], { ...nobody, hidden: new Set([one.id]) })).toEqual([other]);
});

test('filters and counts go by what runs and how it ended', () => {
  const tasks = (['pending', 'processing', 'completed', 'failed', 'completed'] as const).map((status) =>
    aTask({ status }),
  );
  expect(countsOf(tasks)).toEqual({ running: 2, completed: 2, failed: 1 });
  expect(filtered(tasks, 'all')).toEqual(tasks);
  expect(filtered(tasks, 'running')).toEqual(tasks.slice(0, 2));
  expect(filtered(tasks, 'failed')).toEqual([tasks[3]]);
});
