/** Messages of the webhooks queues: ours, the rule's, and an event from the dead letters. */
import { expect, test } from 'vitest';
import { readWebhookMessage } from '../../../shared/webhooks/webhook-queue.ts';

test('a message is read as it was written', () => {
  const message = {
    task: 'task_1',
    run: '01J',
    step: 3,
    link: 'a',
    since: 1_800_000_000,
    due: 1_800_000_001.5,
  };

  expect(readWebhookMessage(JSON.stringify(message))).toEqual(message);
});

test('the rule’s message and a whole event are the first attempt', () => {
  const first = { task: 'task_1', run: '', step: 1 };

  expect(readWebhookMessage('{"task":"task_1"}')).toEqual(first);
  expect(
    readWebhookMessage(JSON.stringify({ source: 'wanhook', detail: { id: 'x', task: { id: 'task_1' } } })),
  ).toEqual(first);
});

test.each([
  '',
  'text',
  '[]',
  '{}',
  '{"task":7}',
  '{"task":"a","step":"1"}',
  '{"detail":{"task":7}}',
  '{"detail":null}',
])('none: %s', (text) => {
  expect(readWebhookMessage(text)).toBeUndefined();
});
