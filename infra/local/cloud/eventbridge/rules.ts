/** What the template and the API have in common about rules: their ARNs, and their targets, which are queues. */

import * as z from 'zod';
import type { Queues } from '../sqs/queues.ts';
import type { RuleTarget } from './buses.ts';
import { compileInput } from './target-input.ts';

/** The last part of a rule's ARN. */
export const ruleResource = (bus: string, name: string): string =>
  bus === 'default' ? `rule/${name}` : `rule/${bus}/${name}`;

export const targetProperties = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({
      InputPathsMap: z.record(z.string(), z.string()).optional(),
      InputTemplate: z.string().min(1).max(8192),
    })
    .optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string().max(100) }).optional(),
  /** Without effect: delivery to a queue of this machine succeeds at once or never will. */
  RetryPolicy: z.unknown().optional(),
});

/** @throws Error that tells why EventBridge could not deliver to it */
export function ruleTarget(properties: z.output<typeof targetProperties>, queues: Queues): RuleTarget {
  const { Arn, Id, SqsParameters, DeadLetterConfig } = properties;
  const queue = queues.byArn(Arn);
  if (!queue) throw new Error(`target ${Id} is no queue of this stack: ${Arn}`);
  const { fifo } = queue.settings;
  if (fifo && !SqsParameters) throw new Error(`target ${Id} is a FIFO queue and needs SqsParameters`);
  if (!fifo && SqsParameters) {
    throw new Error(`target ${Id} has SqsParameters, and the local cloud knows no fair queues`);
  }
  if (fifo && !fifo.contentBasedDeduplication) {
    throw new Error(`target ${Id} is a FIFO queue, which must have content-based deduplication enabled`);
  }
  if (DeadLetterConfig?.Arn.endsWith('.fifo')) {
    throw new Error('SQS FIFO is not supported by Dead Letter Queues.');
  }
  return {
    id: Id,
    arn: Arn,
    input: compileInput(properties),
    messageGroupId: SqsParameters?.MessageGroupId,
    deadLetterArn: DeadLetterConfig?.Arn,
  };
}
