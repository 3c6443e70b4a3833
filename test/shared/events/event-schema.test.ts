/** What goes on the bus holds the events' schemas, also where an event had to be cut to fit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DetailType, eventDetailSchemas } from '../../../shared/events/event-schema.ts';
import { taskEvent } from '../../../shared/events/task-event.ts';
import { publicTask } from '../../../shared/task/public-task.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { CREATED, keptImage, taskRecord } from '../../support/records.ts';

const linkTo = (id: string, index: number) => `https://api.example.com/v1/images/${id}/${index}/signed`;
const eventOf = (record: TaskRecord) => taskEvent(record, publicTask(record, linkTo));
const faultsOf = ({ detailType, detail }: ReturnType<typeof eventOf>) =>
  eventDetailSchemas[detailType as DetailType].safeParse(detail).error?.issues ?? [];

/** Of some length; what is long together makes an event too large. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('狐'.repeat(50_000)));

const records = fc
  .record({
    status: fc.constantFrom(
      'pending' as const,
      'processing' as const,
      'completed' as const,
      'failed' as const,
    ),
    prompt: text,
    metadata: fc.dictionary(fc.string({ unit: 'binary' }), text, { maxKeys: 3 }),
    images: fc
      .integer({ min: 0, max: 4 })
      .map((count) => Array.from({ length: count }, (_, nth) => keptImage(nth))),
    output: fc.array(
      fc.oneof(
        fc.record({ type: fc.constant('text' as const), text }),
        fc.record({ type: fc.constant('image' as const), index: fc.nat(5) }),
      ),
      { maxLength: 6 },
    ),
    usage: fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<never>, { maxKeys: 3 }),
    charge: fc.option(
      fc.record(
        {
          images: fc.nat(40),
          amount: fc.nat(),
          currency: fc.constantFrom('USD', 'credits'),
          source: fc.constantFrom('provider' as const, 'prices' as const),
        },
        { requiredKeys: ['images', 'source'] },
      ),
      { nil: undefined },
    ),
    error: fc.option(fc.record({ code: fc.string(), message: text, type: fc.string() }), { nil: undefined }),
    callback_url: fc.constantFrom('https://hooks.example.com/', undefined),
    completed: fc.constantFrom(CREATED + 30, undefined),
  })
  .map((changes) => taskRecord(changes));

test('every record makes an event that holds its schema', () => {
  let cut = 0;
  fc.assert(
    fc.property(records, (record) => {
      const event = eventOf(record);
      if (event.detail.omitted) cut++;
      expect(faultsOf(event)).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect(cut).toBeGreaterThan(0);
});

test.each<[string, object]>([
  ['of another outcome', { id: 'task_01JGJ0000000000000000000AA:failed' }],
  ['of another version', { version: '2' }],
  ['whose task is still open', { task: publicTask(taskRecord(), linkTo) }],
  ['with a field more', { key_id: 'k' }],
  ['at no time', { occurred_at: 'now' }],
])('a completion %s is none', (_, wrong) => {
  const event = eventOf(taskRecord({ status: 'completed', completed: CREATED + 30 }));

  expect(faultsOf(event)).toEqual([]);
  expect(faultsOf({ ...event, detail: { ...event.detail, ...wrong } })).not.toEqual([]);
});
