/** The task's schema and the task: the same type, and every task that is shown holds it, with no field beside. */
import { expect, expectTypeOf, test } from 'vitest';
import type * as z from 'zod/mini';
import { type PublicTask, publicTask } from '../../../shared/task/public-task.ts';
import { taskSchema } from '../../../shared/task/task-schema.ts';
import { CREATED, keptImage, type RecordChanges, taskRecord } from '../../support/records.ts';

type DeepReadonly<T> = T extends object ? { readonly [Name in keyof T]: DeepReadonly<T[Name]> } : T;
type Described = DeepReadonly<z.output<typeof taskSchema>>;

test('describes the type that is made: this does not compile where they differ', () => {
  expectTypeOf<Described>().toExtend<PublicTask>();
  // The type says JSON; it is an object wherever it comes from (shared/providers/usage.ts).
  expectTypeOf<Omit<PublicTask, 'usage'>>().toExtend<Omit<Described, 'usage'>>();
  expectTypeOf<keyof Described>().toEqualTypeOf<keyof PublicTask>();
});

const linkTo = (id: string, index: number) => `https://api.example.com/v1/images/${id}/${index}/signed`;
const ended = { completed: CREATED + 30, provider_task_id: 'p-1', submission: 'accepted' } as const;

const records: Record<string, RecordChanges> = {
  'a new one': {},
  'one with an estimate, at work': {
    status: 'processing',
    progress: 33.3,
    estimated_time: 30,
    metadata: { a: '' },
  },
  'a completed one with everything': {
    ...ended,
    status: 'completed',
    progress: 100,
    images: [keptImage(0), { ...keptImage(2), truncated: true }],
    lost: [
      { index: 1, reason: 'unsupported_format', format: 'JPEG 2000' },
      { index: 3, reason: 'unsupported_encoding', encoding: 'zstd' },
    ],
    output: [
      { type: 'text', text: 'once', truncated: true },
      { type: 'image', index: 0 },
      { type: 'image', index: 1 },
    ],
    usage: { credits: 1, nested: [null, { a: true }] },
    charge: { images: 4, amount: 1_200_000, currency: 'credits', source: 'provider' },
    callback_url: 'https://hooks.example.com/',
  },
  'a failed one': {
    ...ended,
    status: 'failed',
    charge: { images: 0, amount: 0, source: 'none' },
    error: { code: 'x', message: 'y', type: 'z' },
  },
  'one with a delivered webhook': {
    ...ended,
    status: 'completed',
    callback_url: 'https://hooks.example.com/',
    webhook: {
      status: 'delivered',
      run: '',
      step: 1,
      attempts: 3,
      last_status: 204,
      last_attempt: CREATED + 31,
    },
  },
};

test.each(Object.keys(records))('%s', (name) => {
  const task = publicTask(taskRecord(records[name]), linkTo);

  expect(taskSchema.parse(task)).toEqual(task);
});

test.each([
  ['a field more', { owner: 'acme' }],
  ['another status', { status: 'cancelled' }],
  ['a field less', { prompt: undefined }],
  ['a link that is none', { results: ['x'] }],
])('a task with %s is not one', (_, wrong) => {
  const task = publicTask(taskRecord(), linkTo);

  expect(taskSchema.safeParse({ ...task, ...wrong }).success).toBe(false);
});
