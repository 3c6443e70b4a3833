/** AWS::SQS::Queue and AWS::SQS::QueuePolicy. */

import * as z from 'zod';
import { resourcePolicy } from '../iam/statement.ts';
import { MAX_DELAY_SECONDS, MAX_MESSAGE_BYTES, MAX_VISIBILITY_SECONDS } from '../sqs/message.ts';
import type { FifoSettings } from '../sqs/queue-settings.ts';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const queueName = z
  .string()
  .regex(
    /^(?=.{1,80}$)[\w-]+(\.fifo)?$/,
    'must be 1 to 80 letters, digits, hyphens and underscores, or end in .fifo',
  );

const queue = z.strictObject({
  QueueName: queueName.optional(),
  FifoQueue: z.literal(true).optional(),
  ContentBasedDeduplication: z.boolean().optional(),
  DeduplicationScope: z.enum(['queue', 'messageGroup']).optional(),
  FifoThroughputLimit: z.enum(['perQueue', 'perMessageGroupId']).optional(),
  DelaySeconds: z.int().min(0).max(MAX_DELAY_SECONDS).default(0),
  VisibilityTimeout: z.int().min(0).max(MAX_VISIBILITY_SECONDS).default(30),
  MessageRetentionPeriod: z.int().min(60).max(1_209_600).default(345_600),
  MaximumMessageSize: z.int().min(1024).max(MAX_MESSAGE_BYTES).default(MAX_MESSAGE_BYTES),
  ReceiveMessageWaitTimeSeconds: z.int().min(0).max(20).default(0),
  RedrivePolicy: z
    .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.int().min(1).max(1000) })
    .optional(),
  Tags: tags,
  // Who may redrive and how messages are encrypted at rest.
  ...withoutEffect('RedriveAllowPolicy', 'SqsManagedSseEnabled'),
});

const queuePolicy = z.strictObject({ PolicyDocument: resourcePolicy, Queues: z.array(z.string()) });

export const sqsResources = [
  defineResource('AWS::SQS::Queue', queue, (properties, placement) => {
    const { cloud } = placement;
    const fifo = fifoOf(properties);
    const name = properties.QueueName ?? `${physicalName(placement)}${fifo ? '.fifo' : ''}`;
    if (name.endsWith('.fifo') !== (fifo !== undefined)) {
      throw new Error('property QueueName must end in .fifo for a FIFO queue, and only for one');
    }
    const { RedrivePolicy } = properties;
    const created = cloud.queues.create({
      name,
      arn: arn(cloud, 'sqs', name),
      delaySeconds: properties.DelaySeconds,
      visibilityTimeout: properties.VisibilityTimeout,
      retentionSeconds: properties.MessageRetentionPeriod,
      maximumMessageSize: properties.MaximumMessageSize,
      receiveWaitSeconds: properties.ReceiveMessageWaitTimeSeconds,
      redrive: RedrivePolicy && {
        deadLetterArn: RedrivePolicy.deadLetterTargetArn,
        maxReceiveCount: RedrivePolicy.maxReceiveCount,
      },
      fifo,
    });
    const url = `${cloud.endpoints.sqs}/${cloud.account}/${name}`;
    return { ref: url, attributes: { Arn: created.settings.arn, QueueName: name, QueueUrl: url } };
  }),

  defineResource('AWS::SQS::QueuePolicy', queuePolicy, (properties, { logicalId, cloud }) => {
    for (const url of properties.Queues) {
      const { arn: queueArn } = cloud.queues.byUrl(url).settings;
      cloud.policies.addToResource(queueArn, logicalId, properties.PolicyDocument);
    }
    return { ref: logicalId };
  }),
];

const OF_FIFO = ['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'] as const;

function fifoOf(properties: z.output<typeof queue>): FifoSettings | undefined {
  if (!properties.FifoQueue) {
    const foreign = OF_FIFO.find((name) => properties[name] !== undefined);
    if (foreign) throw new Error(`property ${foreign} is of FIFO queues only`);
    return undefined;
  }
  const deduplicationScope = properties.DeduplicationScope ?? 'queue';
  const throughputLimit = properties.FifoThroughputLimit ?? 'perQueue';
  if (throughputLimit === 'perMessageGroupId' && deduplicationScope !== 'messageGroup') {
    throw new Error(
      'property FifoThroughputLimit may be perMessageGroupId only with DeduplicationScope messageGroup',
    );
  }
  return {
    contentBasedDeduplication: properties.ContentBasedDeduplication ?? false,
    deduplicationScope,
    throughputLimit,
  };
}
