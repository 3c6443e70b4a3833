/** Tolerant reading: nothing that a provider can say makes it throw, and no secret of ours comes back in its words. */
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { providerFinder, readReport } from '../../../shared/providers/registry.ts';
import { errorOf, reportOf } from '../../../shared/providers/tolerant.ts';
import { anyText } from '../../support/any-text.ts';

const known = ['pending', 'processing', 'completed', 'failed'];

describe('anything at all (a failure prints its seed)', () => {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(1e300, -1e300, 1e-300, '', '__proto__', { toString: 1 }, { valueOf: 1 }),
  );
  const statuses = fc.constantFrom(
    'completed',
    'failed',
    'in_progress',
    'cancelled',
    'constructor',
    '__proto__',
    'SUCCESS',
  );
  const task = fc.record(
    {
      id: fc.oneof(fc.constant('p-1'), odd),
      status: fc.oneof(statuses, odd),
      ...{
        task_id: odd,
        progress: odd,
        results: odd,
        output: odd,
        usage: odd,
        error: odd,
        data: odd,
        message: odd,
      },
    },
    { requiredKeys: [] },
  );

  test.each(['evolink', 'vtrix'])(
    'is read or refused as a word of %s, and what is read can be stored',
    (provider) => {
      fc.assert(
        fc.property(fc.oneof(task, fc.jsonValue()), (json) => {
          const report = readReport(provider, JSON.stringify(json));
          if (!report) return;
          expect(known).toContain(report.status);
          expect(report.providerTaskId).toMatch(/./su);
          expect(report.progress).toBeGreaterThanOrEqual(0);
          expect(report.progress).toBeLessThanOrEqual(100);
          marshall(report, { removeUndefinedValues: true });
        }),
        { numRuns: 300 },
      );
    },
  );

  test.each(['evolink', 'vtrix'])('that is no JSON is no word of %s', (provider) => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(readReport(provider, `<${text}`)).toBeUndefined();
      }),
    );
  });
});

describe('a status', () => {
  const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueof', 'resting', ''];
  const others: unknown[] = [null, 7, true, ['completed'], { toString: 1 }, { toString: 'x', valueOf: 'x' }];
  test.each([...names, ...others].map((status) => ({ status })))(
    'that nobody knows is no word about a task: $status',
    ({ status }) => {
      expect(reportOf({ id: 'p-1', status }, [])).toBeUndefined();
    },
  );

  test.each(['Completed', 'COMPLETED', 'success', 'Succeeded'])('is known in any case: %s', (status) => {
    expect(reportOf({ id: 'p-1', status }, [])?.status).toBe('completed');
  });
});

describe('usage', () => {
  const usageOf = (usage: unknown) => reportOf({ id: 'p-1', status: 'completed', usage }, [])?.usage;

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
    expect(errorOf(task)).toEqual(error);
  });

  test('is cut to a length that a record and an event can hold', () => {
    expect(errorOf({ error: 'x'.repeat(100_000) }).message).toHaveLength(1000);
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
    ['a key', `Authorization: Bearer ${signature} is wrong`, 'is wrong'],
    ['a key in small letters', `authorization: bearer ${signature}`, 'authorization'],
    ['a key of the usual form', `the key sk-${signature} is wrong`, 'is wrong'],
    [
      'an address that we signed',
      `no image at https://b.s3.amazonaws.com/inputs/a/1.png?X-Amz-Date=1&X-Amz-Signature=${signature}&x=1`,
      'inputs/a/1.png',
    ],
    ['a session token', `no image at https://b/1.png?X-Amz-Security-Token=${signature}`, 'no image'],
    ['a credential', `no image at https://b/1.png?X-Amz-Credential=${signature}%2F2026`, 'no image'],
  ])('never repeats %s', (_, message, kept) => {
    for (const task of [
      { error: { message } },
      { error: message },
      { error_message: message },
      { message },
    ]) {
      expect(errorOf(task).message).not.toContain(signature);
      expect(errorOf(task).message).toContain(kept);
    }
  });
});

test('providers are found by name, if the operator has set a key for them', async () => {
  const find = providerFinder(
    { evolink: 'https://e.example.com', vtrix: 'https://v.example.com' },
    async () => JSON.stringify({ evolink: 'k', vtrix: '', dashscope: 'k' }),
  );

  expect(await find('evolink')).toBeDefined();
  expect(await find('vtrix')).toBeUndefined();
  await expect(find('dashscope')).rejects.toThrow('There is no provider dashscope; there are evolink, vtrix');
  expect(readReport('dashscope', '{"id":"p-1","status":"completed"}')).toBeUndefined();
});

// Regression: a message cut in the middle of a character could not be stored, so the failure was never recorded.
test('a long message is cut between characters', () => {
  const { message } = errorOf({ error: { code: 'x', message: `${'a'.repeat(999)}😀 tail` } });

  expect(message).toBe(`${'a'.repeat(999)}😀`);
  expect(message.isWellFormed()).toBe(true);
});

test('a documented code that comes as a number keeps its leading zeros', () => {
  expect(errorOf({ error: { code: 1021095, message: 'x' } }).code).toBe('001021095');
  expect(errorOf({ error: { code: 500, message: 'x' } }).code).toBe('500');
});
