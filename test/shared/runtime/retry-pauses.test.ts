/** Pauses between tries: they grow, the last one goes on, and they outlast the life of a result link. */
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { hideFor, pauseAfter, triesOf } from '../../../shared/runtime/retry-pauses.ts';

const message = { receiptHandle: 'handle-1', attributes: { ApproximateReceiveCount: '3' } } as SQSRecord;

test('pauses grow, and the last one goes on', () => {
  const pauses = Array.from({ length: 10 }, (_, tries) => pauseAfter(tries + 1));

  expect(pauses.every((seconds, at) => at === 0 || seconds >= pauses[at - 1]!)).toBe(true);
  expect(pauseAfter(1)).toBeLessThanOrEqual(10);
  expect(pauseAfter(1000)).toBe(pauses.at(-1));
});

test('300 tries last longer than the 24 hours of a result link', () => {
  const seconds = Array.from({ length: 300 }, (_, tries) => pauseAfter(tries + 1)).reduce((a, b) => a + b);
  expect(seconds).toBeGreaterThan(86_400);
});

test.each([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
])('pauses of its own, after %i tries: %i', (tries, seconds) => {
  expect(pauseAfter(tries, [1, 2])).toBe(seconds);
});

test('a message is hidden from now', async () => {
  const sent: unknown[] = [];
  const client = { send: async ({ input }: { input: unknown }) => sent.push(input) } as unknown as SQSClient;

  await hideFor(client, 'https://queue', message, 15);

  expect(sent).toEqual([{ QueueUrl: 'https://queue', ReceiptHandle: 'handle-1', VisibilityTimeout: 15 }]);
  expect(triesOf(message)).toBe(3);
});
