/** Receipt handles: each names one receipt of one message of one queue. */

import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws/aws-error.ts';

/** A new handle for a message that is being received. */
export function receiptHandle(queue: string, messageId: string): string {
  return Buffer.from(`${queue} ${messageId} ${randomUUID()}`).toString('base64');
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
