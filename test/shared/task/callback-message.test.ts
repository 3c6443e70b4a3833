/** The messages of the callbacks queue: what we put there comes out as it was, and nobody else can put it there. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_ANSWER_BYTES } from '../../../shared/providers/http.ts';
import {
  decodeMessage,
  encodeMessage,
  type OwnMessage,
  type QueuedMessage,
} from '../../../shared/task/callback-message.ts';
import { fittingReserved } from '../../../shared/task/size-budget.ts';
import { anyText } from '../../support/any-text.ts';
import { signerWith } from '../../support/signers.ts';

const signer = signerWith();
const taskId = 'task_01JGJ0000000000000000000AA';
const read: OwnMessage = { kind: 'read', taskId, providerTaskId: 'p-1', answer: Buffer.from('{"id":"p-1"}') };
const acceptance: OwnMessage = {
  kind: 'acceptance',
  taskId,
  acceptance: { provider_task_id: 'p-1', estimated_time: 30, reserved: { credits: 1.2 } },
};
const refusal: OwnMessage = {
  kind: 'refusal',
  taskId,
  attempt: 'attempt-1',
  final: {
    error: { code: 'invalid_parameters', message: 'Nein. 不行。', type: 'invalid_request_error' },
    completed: 1_800_000_000,
    charge: { images: 0, amount: 0, currency: 'USD', source: 'none' },
  },
};
const forNow: OwnMessage = { kind: 'refusal', taskId, attempt: 'attempt-1', final: undefined };
const callback: QueuedMessage = {
  taskId,
  signature: signer.callback(taskId),
  body: '{"id":"p-1"}',
};

test.each<OwnMessage>([
  { ...read, kind: 'read', answer: Buffer.alloc(MAX_ANSWER_BYTES, '字') },
  {
    ...acceptance,
    kind: 'acceptance',
    acceptance: {
      provider_task_id: 'p'.repeat(1000),
      reserved: fittingReserved({ x: '\u007f'.repeat(30_000) }),
    },
  },
])('the largest message of kind $kind fits into the queue (MAX_CALLBACK_MESSAGE_BYTES)', (message) => {
  expect(Buffer.byteLength(JSON.stringify(encodeMessage(signer, message)))).toBeLessThan(
    2 * MAX_ANSWER_BYTES,
  );
});

test.each([read, acceptance, refusal, forNow])(
  'a message of kind $kind comes out as it was put in',
  (message) => {
    expect(decodeMessage(signer, encodeMessage(signer, message))).toEqual(message);
  },
);

test('what the HTTP API put there is a callback, its body as it came', () => {
  expect(decodeMessage(signer, callback)).toEqual({ kind: 'callback', taskId, body: callback.body });
});

// SQS refuses a message with U+FFFE, U+FFFF or most control characters, each time that it is sent.
test('whatever a provider says, the body is visible ASCII', () => {
  fc.assert(
    fc.property(fc.uint8Array(), anyText(), (bytes, id) => {
      const answer = Buffer.from(bytes);
      const reads = encodeMessage(signer, { ...read, providerTaskId: id, answer });
      const accepts = encodeMessage(signer, {
        ...acceptance,
        acceptance: { provider_task_id: id, reserved: { [id]: `\uFFFE\uFFFF\u0000${id}` } },
      });

      expect(`${reads.body}${accepts.body}`).toMatch(/^[\x20-\x7e]*$/);
      expect(decodeMessage(signer, reads)).toEqual({ ...read, providerTaskId: id, answer });
      expect(decodeMessage(signer, accepts)).toMatchObject({ acceptance: { provider_task_id: id } });
    }),
  );
});

test('the longest answer fits into a message, even if none of it is text', () => {
  const answer = Buffer.alloc(256 * 1024, 0xff);
  expect(encodeMessage(signer, { ...read, answer }).body.length).toBeLessThan(1024 * 1024);
});

describe('is not believed', () => {
  const reads = encodeMessage(signer, read);
  test.each<[string, QueuedMessage]>([
    ['a callback with another signature', { ...callback, signature: `1-${'A'.repeat(43)}` }],
    ['a callback for another task', { ...callback, taskId: taskId.replace('AA', 'AB') }],
    ['a callback that says it is a read', { ...callback, kind: 'read' }],
    ['a callback that says it is an acceptance', { ...callback, kind: 'acceptance' }],
    ['a callback of a kind that nobody knows', { ...callback, kind: 'callback' }],
    ['a read that says it is an acceptance', { ...reads, kind: 'acceptance' }],
    ['a read that says it is a callback', { ...reads, kind: undefined }],
    ['a read for another task', { ...reads, taskId: taskId.replace('AA', 'AB') }],
    ['a read with another body', { ...reads, body: reads.body.replace('p-1', 'p-2') }],
    ["another deployment's read", encodeMessage(signerWith('other'), read)],
  ])('%s', (_, queued) => {
    expect(decodeMessage(signer, queued)).toBeUndefined();
  });
});
