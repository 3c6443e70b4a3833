/** Receipt handles: each names one receipt of one message of one queue. */

import { randomBytes } from 'node:crypto';
import { AwsError } from '../aws/aws-error.ts';

/** SQS's own handles are about 400 characters long, which counts when a batch has to fit into an invocation. */
const HANDLE_BYTES = 300;

/** A new handle for a message that is being received. */
export function receiptHandle(queue: string, messageId: string): string {
  const names = `${queue} ${messageId} `;
  const nonce = randomBytes(HANDLE_BYTES).toString('base64url');
  return Buffer.from(names + nonce)
    .subarray(0, HANDLE_BYTES)
    .toString('base64');
}

/** The id of the message that a handle is of. @throws AwsError ReceiptHandleIsInvalid for one of another queue */
export function messageIdOf(handle: string, queue: string): string {
  const [name, id, nonce] = Buffer.from(handle, 'base64').toString('utf8').split(' ');
  if (name === queue && id && nonce) return id;
  throw new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not valid.`, {
    status: 404,
    queryCode: 'ReceiptHandleIsInvalid',
  });
}
