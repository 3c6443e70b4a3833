/** Task ids: one form, fresh ones sorted by time, and the same one for the same owner and Idempotency-Key. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freshTaskId, isTaskId, taskIdForKey } from '../../../shared/task/ids.ts';
import { createdId } from '../../../shared/task/record.ts';
import { anyText } from '../../support/any-text.ts';

const form = /^task_[0-7][0-9ABCDEFGHJKMNPQRSTVWXYZ]{25}$/;
const owner = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const key = anyText({ minLength: 1, maxLength: 255 });

describe('a fresh id', () => {
  test('has the documented form, and nobody had it before', () => {
    const ids = Array.from({ length: 200 }, () => freshTaskId(1_767_323_045_000));

    expect(ids.every((id) => form.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(200);
  });

  test('sorts by time', () => {
    const ids = [1_000, 2_000, 1_767_323_045_000, 4_102_444_800_000].map((now) => freshTaskId(now));
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('an id from a key (a failure prints its seed)', () => {
  test('has the same form, and is always the same', () => {
    fc.assert(
      fc.property(owner, key, (who, what) => {
        const id = taskIdForKey('secret', who, what);
        expect(isTaskId(id) && form.test(id)).toBe(true);
        expect(taskIdForKey('secret', who, what)).toBe(id);
      }),
    );
  });

  test('is another one for another owner, key or deployment', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(owner, key), { minLength: 2, selector: (pair) => pair.join('\n') }),
        (pairs) => {
          const ids = pairs.flatMap(([who, what]) => [
            taskIdForKey('a', who, what),
            taskIdForKey('b', who, what),
          ]);
          expect(new Set(ids).size).toBe(pairs.length * 2);
        },
      ),
    );
  });

  test('does not let an owner reach into another by the key', () => {
    expect(taskIdForKey('secret', 'a', 'b-c')).not.toBe(taskIdForKey('secret', 'a-b', 'c'));
    expect(taskIdForKey('secret', 'ab', 'c')).not.toBe(taskIdForKey('secret', 'a', 'bc'));
  });

  test('is pinned: another way to make it would pay for every repeated request again', () => {
    expect(taskIdForKey('secret', 'acme', 'order-42')).toBe('task_1W5BARP1D30Z0T93W4WAEVBWDP');
  });
});

test.each([
  ['task_01JGJ0000000000000000000AA', true],
  ['task_81JGJ0000000000000000000AA', false],
  ['task_01JGJ0000000000000000000A', false],
  ['task_01JGJ0000000000000000000AAA', false],
  ['task_01JGJ0000000000000000000AI', false],
  ['task_01jgj0000000000000000000aa', false],
  ['task_01JGJ0000000000000000000AA\n', false],
  ['TASK_01JGJ0000000000000000000AA', false],
  ['01JGJ0000000000000000000AA', false],
  ['', false],
])('%o is a task id: %s', (text, is) => {
  expect(isTaskId(text)).toBe(is);
});

test('the sort key puts time first, whatever the id', () => {
  const places = [createdId(9, 'task_Z'), createdId(10, 'task_A'), createdId(1_767_323_045_123, 'task_0')];

  expect([...places].sort()).toEqual(places);
  expect(places[2]).toBe('001767323045123#task_0');
});
