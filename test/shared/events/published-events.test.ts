/** Events that the version before has published: readers of today read them, and its records still make the same ones. */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { parseEvent } from '../../../client/event.ts';
import { type DetailType, eventSchema } from '../../../shared/events/event-schema.ts';
import { taskEvent } from '../../../shared/events/task-event.ts';
import { publicTask } from '../../../shared/task/public-task.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import records from '../task/fixtures/records-without-version.json' with { type: 'json' };
/** From the bus of a running system, with `detail.version` 1. */
import events from './fixtures/events-1.json' with { type: 'json' };

test.each(events.map((event) => [event['detail-type'], event] as const))('%s', (type, event) => {
  expect(event.detail.version).toBe('1');
  expect(eventSchema(type as DetailType).safeParse(event).error?.issues).toBeUndefined();
  expect(parseEvent(event)).toMatchObject(event.detail);
});

test('a record of that version makes the event that it made then', () => {
  const then = events.find((event) => event['detail-type'] === 'Image Task Failed')!;
  const item = records.find(({ id }) => id.S === then.detail.task.id)!;
  const record = unmarshall(item as Parameters<typeof unmarshall>[0]) as TaskRecord;

  expect(
    taskEvent(
      record,
      publicTask(record, () => 'unused'),
    ),
  ).toEqual({
    detailType: 'Image Task Failed',
    detail: then.detail,
  });
});

test('a version that a reader does not know is refused in clear words', () => {
  const [event] = events;
  const later = { ...event, detail: { ...event!.detail, version: '2' } };

  expect(() => parseEvent(later)).toThrow(
    'detail.version must be "1" and is "2": a later client may know it',
  );
  expect(eventSchema(event!['detail-type'] as DetailType).safeParse(later).success).toBe(false);
});
