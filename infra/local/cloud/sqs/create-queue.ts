/** Queues by API, not from a template: standard ones, which are forgotten when the cloud stops. */
import * as z from 'zod';
import { AwsError } from '../aws/aws-error.ts';
import type { Policies } from '../iam/policies.ts';
import { resourcePolicy, type Statement } from '../iam/statement.ts';
import { invalid, MAX_DELAY_SECONDS, MAX_MESSAGE_BYTES, MAX_VISIBILITY_SECONDS } from './message.ts';
import type { Queue } from './queue.ts';
import type { QueueSettings } from './queue-settings.ts';
import type { Queues } from './queues.ts';

const integer = (least: number, most: number, otherwise: number) =>
  z.string().regex(/^\d+$/).default(String(otherwise)).transform(Number).pipe(z.int().min(least).max(most));

/** Every attribute is a string (SQS API reference, CreateQueue). */
const attributes = z.strictObject({
  DelaySeconds: integer(0, MAX_DELAY_SECONDS, 0),
  VisibilityTimeout: integer(0, MAX_VISIBILITY_SECONDS, 30),
  MessageRetentionPeriod: integer(60, 1_209_600, 345_600),
  MaximumMessageSize: integer(1024, MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES),
  ReceiveMessageWaitTimeSeconds: integer(0, 20, 0),
  Policy: z.string().optional(),
  /** Without effect: how messages are encrypted at rest. */
  SqsManagedSseEnabled: z.enum(['true', 'false']).optional(),
});

export const createQueue = z.strictObject({
  QueueName: z
    .string()
    .regex(
      /^[\w-]{1,80}$/,
      'must be 1 to 80 letters, digits, hyphens and underscores; FIFO queues come from a template',
    ),
  Attributes: attributes.prefault({}),
});

/** Of a queue's attributes, only its policy can be replaced here. */
export const setQueueAttributes = z.strictObject({
  QueueUrl: z.string(),
  Attributes: z.strictObject({ Policy: z.string() }),
});

export interface QueueCreation {
  readonly queues: Queues;
  readonly policies: Policies;
  readonly arnOf: (name: string) => string;
}

/** @throws AwsError when a queue of the name has other attributes, or the policy is none */
export function create(
  { queues, policies, arnOf }: QueueCreation,
  { QueueName, Attributes }: z.output<typeof createQueue>,
): Queue {
  const arn = arnOf(QueueName);
  const settings: QueueSettings = {
    name: QueueName,
    arn,
    delaySeconds: Attributes.DelaySeconds,
    visibilityTimeout: Attributes.VisibilityTimeout,
    retentionSeconds: Attributes.MessageRetentionPeriod,
    maximumMessageSize: Attributes.MaximumMessageSize,
    receiveWaitSeconds: Attributes.ReceiveMessageWaitTimeSeconds,
    redrive: undefined,
    fifo: undefined,
  };
  const there = queues.byArn(arn);
  if (there) return theSame(there, settings);
  const statements = Attributes.Policy === undefined ? [] : statementsOf(Attributes.Policy);
  policies.addToResource(arn, QueueName, statements);
  return queues.create(settings);
}

/** @throws AwsError when the policy is none */
export function setPolicy({ policies }: QueueCreation, { settings }: Queue, policy: string): void {
  const statements = statementsOf(policy);
  policies.removeFromResource(settings.arn);
  policies.addToResource(settings.arn, settings.name, statements);
}

export function remove({ queues, policies }: QueueCreation, queue: Queue): void {
  queues.delete(queue.settings.name);
  policies.removeFromResource(queue.settings.arn);
}

function theSame(there: Queue, wanted: QueueSettings): Queue {
  if (JSON.stringify(there.settings) === JSON.stringify(wanted)) return there;
  throw new AwsError('QueueNameExists', 'A queue already exists with the same name and a different value.', {
    queryCode: 'QueueAlreadyExists',
  });
}

function statementsOf(json: string): Statement[] {
  try {
    return resourcePolicy.parse(JSON.parse(json));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is not JSON';
    throw invalid(`Invalid value for the parameter Policy: ${why}`);
  }
}
