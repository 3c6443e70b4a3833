/** Events: one id for each outcome of a task, however often it comes; and never too large for the bus. */
import { describe, expect, test } from 'vitest';
import { taskEvent } from '../../../shared/events/task-event.ts';
import { publicTask } from '../../../shared/task/public-task.ts';
import type { OutputItem, Status } from '../../../shared/task/record.ts';
import { CREATED, keptImage, taskRecord } from '../../support/records.ts';

const linkTo = (id: string, index: number) => `https://api.example.com/v1/images/${id}/${index}/signed`;
const eventOf = (changes: Parameters<typeof taskRecord>[0]) => {
  const record = taskRecord(changes);
  return { record, event: taskEvent(record, publicTask(record, linkTo)) };
};

test.each<[Status, string, string]>([
  ['pending', 'Image Task Created', 'created'],
  ['processing', 'Image Task Created', 'created'],
  ['completed', 'Image Task Completed', 'completed'],
  ['failed', 'Image Task Failed', 'failed'],
])('a %s record is "%s"', (status, detailType, outcome) => {
  const { record, event } = eventOf({ status });

  expect(event.detailType).toBe(detailType);
  expect(event.detail.id).toBe(`${record.id}:${outcome}`);
});

test('the detail has exactly the documented fields', () => {
  const { record, event } = eventOf({ status: 'completed', completed: CREATED + 30 });

  expect(event.detail).toEqual({
    version: '1',
    id: `${record.id}:completed`,
    occurred_at: '2026-01-02T03:04:35.000Z',
    owner: 'acme',
    task: publicTask(record, linkTo),
  });
});

test('a new task occurred when it was created', () => {
  expect(eventOf({}).event.detail.occurred_at).toBe('2026-01-02T03:04:05.000Z');
});

describe('what is too large for the bus', () => {
  const LIMIT = 256 * 1024;
  const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  const told = (length: number): OutputItem[] => [
    { type: 'text', text: '狐'.repeat(length) },
    { type: 'image', index: 0 },
  ];
  const changes = { status: 'completed' as const, images: [keptImage(0)] };

  test('keeps its texts while they fit', () => {
    const { event, record } = eventOf({ ...changes, output: told(75_000) });

    expect(bytes(event.detail)).toBeGreaterThan(220_000);
    expect(event.detail.task).toEqual(publicTask(record, linkTo));
  });

  test('loses its texts, counted in bytes, and keeps its images', () => {
    const { event, record } = eventOf({ ...changes, output: told(85_000) });

    expect(bytes(event.detail)).toBeLessThan(LIMIT);
    expect(event.detail.task).toEqual({ ...publicTask(record, linkTo), output: [] });
    expect(event.detail.omitted).toEqual(['output']);
  });

  test('by its usage loses that too: what the provider reports has no documented size', () => {
    const { event } = eventOf({ ...changes, usage: { note: 'x'.repeat(LIMIT) } });

    expect(bytes(event.detail)).toBeLessThan(LIMIT);
    expect(event.detail.task.images).toHaveLength(1);
    expect(event.detail.omitted).toEqual(['output', 'usage']);
  });

  // Regression: a task with 4,500 losses made an event that the bus refused, and the stream repeated it for 23 hours.
  test('by its losses leaves their list out, and says so', () => {
    const lost = Array.from({ length: 6000 }, (_, index) => ({ index, reason: 'too_many_results' as const }));

    const { event } = eventOf({ ...changes, lost });

    expect(bytes(event.detail)).toBeLessThan(LIMIT);
    expect(event.detail.omitted).toEqual(['output', 'usage', 'lost']);
    expect(event.detail.task).not.toHaveProperty('lost');
    expect(event.detail.task.images).toHaveLength(1);
  });

  test.each([
    { images: Array.from({ length: 1000 }, (_, index) => keptImage(index)) },
    { metadata: { note: 'x'.repeat(LIMIT) } },
    { prompt: '\u0001'.repeat(LIMIT / 4) },
    { error: { code: 'x', message: 'x'.repeat(LIMIT), type: 'x' } },
  ])('by what no record of ours holds fits all the same, and names its task', (odd) => {
    const { event, record } = eventOf({ ...changes, ...odd });

    expect(bytes(event.detail)).toBeLessThan(LIMIT);
    expect(event.detail.omitted).toContain(Object.keys(odd)[0]);
    expect(event.detail.task).toMatchObject({ id: record.id, status: 'completed' });
  });

  test('nothing is marked as left out of an event that fits', () => {
    expect(eventOf(changes).event.detail).not.toHaveProperty('omitted');
  });
});
