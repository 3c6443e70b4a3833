/** What FIFO queues ask of a message that standard queues do not: its message group, and its deduplication id. */

import { createHash } from 'node:crypto';
import { AwsError } from '../aws/aws-error.ts';
import { invalid } from './message.ts';
import type { FifoSettings } from './queue-settings.ts';

export interface FifoIds {
  readonly messageGroupId: string;
  readonly deduplicationId: string;
}

/** The parameters of a sending that the queue's type decides about. */
export interface FifoParameters {
  readonly messageGroupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly delaySeconds?: number | undefined;
}

/** 1 to 128 letters, digits and punctuation characters of ASCII (SQS API reference, SendMessage). */
const ID = /^[!-~]{1,128}$/;
const NOT_FOR_THIS_TYPE = 'The request include parameter that is not valid for this queue type';

/**
 * The ids with which a message enters a FIFO queue; undefined for a standard queue (`fifo` undefined).
 * @throws AwsError as SQS answers for an id that is missing, malformed, or not for this type of queue.
 */
export function fifoIds(
  body: string,
  parameters: FifoParameters,
  fifo: FifoSettings | undefined,
): FifoIds | undefined {
  if (!fifo) {
    refuseFifoParameters(parameters);
    return undefined;
  }
  const { messageGroupId, delaySeconds } = parameters;
  if (delaySeconds) throw notForThisType('DelaySeconds', String(delaySeconds));
  if (messageGroupId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.', {
      queryCode: 'MissingParameter',
    });
  }
  const deduplicationId = deduplicationIdOf(body, parameters, fifo);
  checkId('MessageGroupId', messageGroupId);
  checkId('MessageDeduplicationId', deduplicationId);
  return { messageGroupId, deduplicationId };
}

function refuseFifoParameters({ messageGroupId, deduplicationId }: FifoParameters): void {
  if (deduplicationId !== undefined) throw notForThisType('MessageDeduplicationId', deduplicationId);
  if (messageGroupId === undefined) return;
  // SQS would take it as the tenant of a fair queue, which has no equivalent here.
  throw invalid('The local cloud knows no fair queues: MessageGroupId is for FIFO queues only.');
}

function deduplicationIdOf(body: string, { deduplicationId }: FifoParameters, fifo: FifoSettings): string {
  if (deduplicationId !== undefined) return deduplicationId;
  if (fifo.contentBasedDeduplication) return createHash('sha256').update(body, 'utf8').digest('hex');
  throw invalid(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

function checkId(name: string, value: string): void {
  if (ID.test(value)) return;
  throw invalid(
    `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

function notForThisType(name: string, value: string): AwsError {
  return invalid(`Value ${value} for parameter ${name} is invalid. Reason: ${NOT_FOR_THIS_TYPE}.`);
}
