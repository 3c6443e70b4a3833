/** A task as callers see it: exactly the documented shape, in every state. */
import { describe, expect, test } from 'vitest';
import { publicTask } from '../../../shared/task/public-task.ts';
import { CREATED, keptImage, taskRecord } from '../../support/records.ts';

const id = 'task_01JGJ0000000000000000000AA';
const linkTo = (taskId: string, index: number) =>
  `https://api.example.com/v1/images/${taskId}/${index}/signed`;
const link = (index: number) => linkTo(id, index);

test('a new task has every field of the documented shape, and no other', () => {
  const record = taskRecord({ id, metadata: { order: '42' } });

  expect(publicTask(record, linkTo)).toEqual({
    id,
    object: 'image.generation.task',
    type: 'image',
    model: 'wan2.5-text-to-image',
    created: CREATED,
    status: 'pending',
    progress: 0,
    task_info: { can_cancel: false },
    prompt: record.prompt,
    results: [],
    output: [],
    images: [],
    usage: null,
    error: null,
    metadata: { order: '42' },
    completed: null,
  });
});

test('nothing that is only ours is shown', () => {
  const record = taskRecord({
    provider_task_id: 'p-1',
    callback_url: 'https://h.example.com/',
    submission: 'accepted',
    asked: { images: 1 },
    reservation: { attempt: 'a', day: '2026-01-02', budget: true },
  });
  const names = Object.keys(publicTask(record, linkTo));

  for (const hidden of [
    'owner',
    'key_id',
    'request_hash',
    'provider_task_id',
    'submission',
    'expires_at',
    'created_id',
    'asked',
    'reservation',
  ]) {
    expect(names).not.toContain(hidden);
  }
});

test.each([
  ['pending', 'refused', true],
  ['pending', 'unconfirmed', undefined],
  ['pending', 'accepted', undefined],
  ['failed', 'refused', undefined],
] as const)('%s and %s: not created is %s', (status, submission, shown) => {
  expect(publicTask(taskRecord({ status, submission }), linkTo).not_created).toBe(shown);
});

test('a completed task shows its images, each with a link, and where they are kept', () => {
  const record = taskRecord({
    id,
    status: 'completed',
    progress: 100,
    completed: CREATED + 30,
    estimated_time: 30,
    images: [keptImage(0), keptImage(1)],
    lost: [],
    usage: { credits_reserved: 1.2 },
    output: [
      { type: 'image', index: 0 },
      { type: 'image', index: 1 },
    ],
  });
  const { bucket, key, index: _, ...facts } = keptImage(1);

  const task = publicTask(record, linkTo);

  expect(task).toMatchObject({
    status: 'completed',
    progress: 100,
    completed: CREATED + 30,
    usage: { credits_reserved: 1.2 },
    task_info: { can_cancel: false, estimated_time: 30 },
    results: [link(0), link(1)],
    output: [
      {
        content: [
          { type: 'image', url: link(0) },
          { type: 'image', url: link(1) },
        ],
      },
    ],
  });
  expect(task.images[1]).toEqual({ url: link(1), ...facts, s3: { bucket, key } });
  expect(task).not.toHaveProperty('lost');
});

describe('mixed output', () => {
  const output = [
    { type: 'text' as const, text: '从前有一只狐狸' },
    { type: 'image' as const, index: 0 },
    { type: 'text' as const, text: 'It ran.' },
    { type: 'image' as const, index: 1 },
    { type: 'image' as const, index: 2 },
  ];

  test('keeps the order of texts and images', () => {
    const record = taskRecord({ id, output, images: [0, 1, 2].map(keptImage) });

    expect(publicTask(record, linkTo).output).toEqual([
      {
        content: [
          { type: 'text', text: '从前有一只狐狸' },
          { type: 'image', url: link(0) },
          { type: 'text', text: 'It ran.' },
          { type: 'image', url: link(1) },
          { type: 'image', url: link(2) },
        ],
      },
    ]);
  });

  test('a lost image has no link, is listed, and the others keep their own index', () => {
    const record = taskRecord({
      id,
      output,
      images: [0, 2].map(keptImage),
      lost: [{ index: 1, reason: 'gone' }],
    });

    const task = publicTask(record, linkTo);

    expect(task.results).toEqual([link(0), link(2)]);
    expect(task.images.map(({ url }) => url)).toEqual([link(0), link(2)]);
    expect(task.output[0]?.content.map((item) => ('url' in item ? item.url : item.text))).toEqual([
      ...['从前有一只狐狸', link(0), 'It ran.', link(2)],
    ]);
    expect(task.lost).toEqual([{ index: 1, reason: 'gone' }]);
  });
});

test('what it costs is null until it has ended, and nothing where nobody noted what was asked', () => {
  expect(publicTask(taskRecord({ asked: { images: 1 } }), linkTo).charge).toBeNull();
  expect(publicTask(taskRecord(), linkTo)).not.toHaveProperty('charge');
});

test('what it cost is shown in the currency, and what is not known as null', () => {
  const charge = { images: 3, source: 'provider' } as const;
  const known = { ...charge, amount: 62_300, currency: 'USD', budget_day: '2026-01-02' };

  expect(publicTask(taskRecord({ charge: known }), linkTo).charge).toEqual({
    images: 3,
    amount: 0.0623,
    currency: 'USD',
    source: 'provider',
  });
  expect(publicTask(taskRecord({ charge }), linkTo).charge).toEqual({
    images: 3,
    amount: null,
    currency: null,
    source: 'provider',
  });
});

describe('usage', () => {
  test.each([
    ['what was reserved, before the end', { reserved: { credits: 1 } }, { credits: 1 }],
    [
      'what was charged, once it is known',
      { reserved: { credits: 1 }, usage: { credits: 2 } },
      { credits: 2 },
    ],
    ['nothing, when nobody said', {}, null],
  ])('is %s', (_, changes, usage) => {
    expect(publicTask(taskRecord(changes), linkTo).usage).toEqual(usage);
  });
});

test('a failed task shows why', () => {
  const error = { code: 'content_policy_violation', message: 'No.', type: 'task_error' };
  expect(publicTask(taskRecord({ status: 'failed', error, completed: CREATED }), linkTo)).toMatchObject({
    status: 'failed',
    error,
    completed: CREATED,
    results: [],
    output: [],
  });
});

test('a task with a callback_url shows how far its webhook is, and nothing of how that is done', () => {
  const url = 'https://h.example.com/';
  const before = publicTask(taskRecord({ callback_url: url }), linkTo);
  const webhook = { status: 'pending', attempts: 2, run: '01J', step: 1, link: 'a' } as const;
  const times = {
    last_status: 500,
    last_error: 'unexpected_status',
    last_attempt: CREATED,
    next_attempt: CREATED + 4,
  };
  const after = publicTask(taskRecord({ callback_url: url, webhook: { ...webhook, ...times } }), linkTo);

  expect(before.callback).toEqual({
    url,
    status: 'pending',
    attempts: 0,
    last_status: null,
    last_error: null,
    last_attempt: null,
    next_attempt: null,
  });
  expect(after.callback).toEqual({ url, status: 'pending', attempts: 2, ...times });
  expect(publicTask(taskRecord(), linkTo)).not.toHaveProperty('callback');
});
