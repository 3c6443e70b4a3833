/** Tolerant reading: nothing that a provider can say makes it throw, and no secret of ours comes back in its messages. */
import { describe, expect, test } from 'vitest';
import { redactionFor } from '../../../shared/providers/redaction.ts';
import { errorOf, reportOf } from '../../../shared/providers/tolerant.ts';

/** Of a provider whose key is not known here. */
const redaction = redactionFor();

describe('a status', () => {
  const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueof', 'resting', ''];
  const others: unknown[] = [null, 7, true, ['completed'], { toString: 1 }, { toString: 'x', valueOf: 'x' }];
  test.each([...names, ...others].map((status) => ({ status })))(
    'that nobody knows is no report about a task: $status',
    ({ status }) => {
      expect(reportOf({ id: 'p-1', status }, [], redaction)).toBeUndefined();
    },
  );

  test.each(['Completed', 'COMPLETED', 'success', 'Succeeded'])('is known in any case: %s', (status) => {
    expect(reportOf({ id: 'p-1', status }, [], redaction)?.status).toBe('completed');
  });
});

describe('an id', () => {
  const idIn = (task: object) => reportOf({ status: 'pending', ...task }, [], redaction)?.providerTaskId;

  // Regression: it did not fit into a record beside an outcome, which was tried 300 times in vain.
  test('of hundreds of kilobytes is none, but for another one beside it', () => {
    const id = 'p'.repeat(200_000);
    expect(idIn({ id })).toBeUndefined();
    expect(idIn({ id, task_id: 'p-1' })).toBe('p-1');
    expect(idIn({ id: 'p'.repeat(1000) })).toHaveLength(1000);
  });

  // An address cannot hold a lone surrogate, and a table cannot give it back.
  test('with a lone surrogate is the same wherever it is written down', () => {
    expect(idIn({ id: 'p-\ud800' })).toBe('p-\ufffd');
  });
});

describe('usage', () => {
  const usageOf = (usage: unknown) => {
    const report = reportOf({ id: 'p-1', status: 'completed', usage }, [], redaction);
    return report?.status === 'completed' ? report.usage : 'no completion';
  };

  test.each([
    { credits_reserved: 8.5156, billing_rule: 'per_call' },
    { cost: '0.03', discount: null, image_count: 2, nested: { list: [1, { deep: true }] } },
    { most: Number.MAX_SAFE_INTEGER, least: Number.MIN_SAFE_INTEGER, zero: 0 },
  ])('is kept as reported: %o', (usage) => {
    expect(usageOf(usage)).toEqual(usage);
  });

  test('keeps as text what a table cannot hold as a number', () => {
    expect(usageOf({ a: 1e300, b: [-1e20], c: 1e-200 })).toEqual({
      a: '1e+300',
      b: ['-100000000000000000000'],
      c: '1e-200',
    });
  });

  test('is cut where it nests deeper than a table can hold', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`);
    const depth = (value: unknown): number =>
      value && typeof value === 'object' ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;

    expect(depth(usageOf(deep))).toBeLessThan(30);
    expect(usageOf(deep)).toMatchObject({ a: { a: { a: {} } } });
  });

  test.each(['much', 7, null, [1]])('that is no object is none: %o', (usage) => {
    expect(usageOf(usage)).toBeUndefined();
  });
});

describe('an error', () => {
  test.each([
    [{ error: { code: 'a', message: 'b', type: 'c' } }, { code: 'a', message: 'b', type: 'c' }],
    [{ error: { code: 7, message: 'b' } }, { code: '7', message: 'b', type: 'task_error' }],
    [
      { error: { message: 'b' }, code: 'a' },
      { code: 'a', message: 'b', type: 'task_error' },
    ],
    [
      { error: 'b', code: 7 },
      { code: '7', message: 'b', type: 'task_error' },
    ],
    [
      { code: 'a', message: 'b' },
      { code: 'a', message: 'b', type: 'task_error' },
    ],
    [{ error: {} }, { code: 'unknown_error', message: 'The provider gave no reason', type: 'task_error' }],
    [undefined, { code: 'unknown_error', message: 'The provider gave no reason', type: 'task_error' }],
  ])('%o', (task, error) => {
    expect(errorOf(task, redaction)).toEqual(error);
  });

  test('is cut to a length that a record and an event can hold', () => {
    expect(errorOf({ error: 'x'.repeat(100_000) }, redaction).message).toHaveLength(1000);
  });

  const signature = 'Zm94LXNpZ25hdHVyZQ_-AA';
  test.each([
    [
      'our callback URL',
      `could not call https://api.example.com/v1/callbacks/task_1/${signature} now`,
      'could not call',
    ],
    [
      'our callback URL in quotes',
      `callback_url "https://x/v1/callbacks/task_1/${signature}" is bad`,
      'is bad',
    ],
    [
      'our link to an input image',
      `no image at https://api.example.com/v1/inputs/task_1/0/${signature} here`,
      'no image',
    ],
    [
      'our link to an image',
      `got 403 from "https:\\/\\/x\\/v1\\/images\\/task_1\\/0\\/${signature}"`,
      'got 403',
    ],
    ['a key', `Authorization: Bearer ${signature} is wrong`, 'is wrong'],
    ['a key in small letters', `authorization: bearer ${signature}`, 'authorization'],
    ['a key of the usual form', `the key sk-${signature} is wrong`, 'is wrong'],
    [
      'an address that we signed',
      `no image at https://b.s3.amazonaws.com/inputs/a/1.png?X-Amz-Date=1&X-Amz-Signature=${signature}&x=1`,
      'inputs/a/1.png',
    ],
    [
      'our callback URL, escaped as in JSON',
      `got {"callback_url":"https:\\/\\/x\\/v1\\/callbacks\\/task_1\\/${signature}"}`,
      'got {',
    ],
    [
      'our callback URL, encoded as in a URL',
      `GET /call?to=https%3A%2F%2Fx%2Fv1%2Fcallbacks%2Ftask_1%2F${signature} failed`,
      'failed',
    ],
    ['our callback URL, encoded twice', `x%252fv1%252fcallbacks%252ftask_1%252f${signature}`, 'callbacks'],
    ['a key, encoded as in a URL', `Authorization=Bearer%20${signature} is wrong`, 'is wrong'],
    ['a signature, encoded as in a URL', `no image at x%3FX-Amz-Signature%3D${signature}`, 'no image'],
    ['a session token', `no image at https://b/1.png?X-Amz-Security-Token=${signature}`, 'no image'],
    ['a credential', `no image at https://b/1.png?X-Amz-Credential=${signature}%2F2026`, 'no image'],
  ])('never repeats %s', (_, message, kept) => {
    for (const task of [
      { error: { message } },
      { error: message },
      { error_message: message },
      { message },
    ]) {
      expect(errorOf(task, redaction).message).not.toContain(signature);
      expect(errorOf(task, redaction).message).toContain(kept);
    }
  });
});

// Regression: a message cut in the middle of a character could not be stored, so the failure was never recorded.
test('a long message is cut between characters', () => {
  const { message } = errorOf({ error: { code: 'x', message: `${'a'.repeat(999)}😀 tail` } }, redaction);

  expect(message).toBe(`${'a'.repeat(999)}😀`);
  expect(message.isWellFormed()).toBe(true);
});

test('a documented code that comes as a number keeps its leading zeros', () => {
  expect(errorOf({ error: { code: 1021095, message: 'x' } }, redaction).code).toBe('001021095');
  expect(errorOf({ error: { code: 500, message: 'x' } }, redaction).code).toBe('500');
});
