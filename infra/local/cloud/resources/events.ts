/** AWS::Events::EventBus and AWS::Events::Rule, whose targets are queues. */

import * as z from 'zod';
import type { CloudState } from '../cloud-state.ts';
import type { RuleTarget } from '../eventbridge/buses.ts';
import { compilePattern } from '../eventbridge/pattern.ts';
import { compileInput } from '../eventbridge/target-input.ts';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const eventBus = z.strictObject({
  Name: z.string(),
  Tags: tags,
  ...withoutEffect('Description'),
});

const target = z.strictObject({
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
  // Delivery to a queue of this machine succeeds at once or never will.
  ...withoutEffect('RetryPolicy'),
});

const rule = z.strictObject({
  Name: z.string().optional(),
  EventBusName: z.string().default('default'),
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(target).max(5).default([]),
  ...withoutEffect('Description'),
});

export const eventsResources = [
  defineResource('AWS::Events::EventBus', eventBus, ({ Name }, { cloud }) => {
    cloud.buses.create(Name);
    return { ref: Name, attributes: { Name, Arn: arn(cloud, 'events', `event-bus/${Name}`) } };
  }),

  defineResource('AWS::Events::Rule', rule, (properties, placement) => {
    const { cloud } = placement;
    const name = properties.Name ?? physicalName(placement);
    const bus = properties.EventBusName.slice(properties.EventBusName.lastIndexOf('/') + 1);
    const ruleArn = arn(cloud, 'events', bus === 'default' ? `rule/${name}` : `rule/${bus}/${name}`);
    const compiled = {
      name,
      arn: ruleArn,
      matches: compilePattern(properties.EventPattern),
      targets: properties.Targets.map((one) => targetOf(one, cloud)),
    };
    if (properties.State === 'ENABLED') cloud.buses.addRule(bus, compiled);
    return { ref: bus === 'default' ? name : `${bus}|${name}`, attributes: { Arn: ruleArn } };
  }),
];

function targetOf(properties: z.output<typeof target>, cloud: CloudState): RuleTarget {
  const { Arn, Id, SqsParameters, DeadLetterConfig } = properties;
  const queue = cloud.queues.byArn(Arn);
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
    arn: Arn,
    input: compileInput(properties),
    messageGroupId: SqsParameters?.MessageGroupId,
    deadLetterArn: DeadLetterConfig?.Arn,
  };
}
