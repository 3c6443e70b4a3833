/** Events as `publish` makes them, in EventBridge's envelope. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidEventError, parseEvent } from '../../client/index.ts';
import { taskEvent } from '../../shared/events/task-event.ts';
import { publicTask } from '../../shared/task/public-task.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import { taskRecord } from '../support/records.ts';

function envelopeOf(record: TaskRecord) {
  const { detailType, detail } = taskEvent(
    record,
    publicTask(record, (id, index) => `https://x/${id}/${index}`),
  );
  return { version: '0', id: 'of EventBridge', source: 'wanhook', 'detail-type': detailType, detail };
}

const completed = envelopeOf(taskRecord({ status: 'completed', completed: 1_795_521_600 }));

test.each(['pending', 'completed', 'failed'] as const)('the event of a task that is %s', (status) => {
  const envelope = envelopeOf(taskRecord({ status }));

  const event = parseEvent(envelope);

  const outcome = status === 'pending' ? 'created' : status;
  expect(event).toEqual({ ...envelope.detail, outcome });
  expect(event.id).toBe(`${event.task.id}:${outcome}`);
});

test('the text of one, as a queue carries it', () => {
  expect(parseEvent(JSON.stringify(completed))).toEqual(parseEvent(completed));
});

describe('what is none', () => {
  const { detail } = completed;

  test.each([
    ['no JSON', '{', 'the event must be JSON'],
    ['nothing', undefined, 'the event must be a JSON object'],
    ['an array', [completed], 'the event must be a JSON object'],
    ['the detail alone', detail, 'source must be wanhook'],
    ['of somebody else', { ...completed, source: 'aws.s3' }, 'source must be wanhook'],
    [
      'of another kind',
      { ...completed, 'detail-type': 'constructor' },
      'detail-type must be one of Image Task Created, Image Task Completed, Image Task Failed',
    ],
    ['without detail', { ...completed, detail: null }, 'detail must be a JSON object'],
    [
      'of another version',
      { ...completed, detail: { ...detail, version: '2' } },
      'detail.version must be "1" and is "2": a later client may know it',
    ],
    ['without an id', { ...completed, detail: { ...detail, id: 1 } }, 'detail.id must be a string'],
    [
      'without a task',
      { ...completed, detail: { ...detail, task: [] } },
      'detail.task must be a JSON object',
    ],
    [
      'of a task without an id',
      { ...completed, detail: { ...detail, task: {} } },
      'detail.task.id must be a string',
    ],
  ])('%s', (_, event, message) => {
    expect(() => parseEvent(event)).toThrow(new InvalidEventError(message));
  });

  test('anything: only an InvalidEventError is thrown (a failure prints its seed)', () => {
    const envelope = fc.record({
      source: fc.constant('wanhook'),
      'detail-type': fc.constant('Image Task Failed'),
      detail: fc.oneof(
        fc.jsonValue(),
        fc.record({ version: fc.constant('1'), id: fc.jsonValue(), task: fc.jsonValue() }),
      ),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
          envelope,
        ),
        (event) => {
          expect(() => parseEvent(event)).toThrow(InvalidEventError);
        },
      ),
    );
  });
});
