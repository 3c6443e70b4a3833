// AWS::Events::EventBus and AWS::Events::Rule, whose targets are queues.

import * as z from 'zod';
import { compilePattern } from '../eventbridge/pattern.ts';
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
  // Delivery to a queue of this machine succeeds at once or never will.
  ...withoutEffect('RetryPolicy'),
});

const rule = z.strictObject({
  Name: z.string().optional(),
  EventBusName: z.string().default('default'),
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(target).default([]),
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
    for (const { Arn, Id } of properties.Targets) {
      if (!cloud.queues.byArn(Arn)) throw new Error(`target ${Id} is no queue of this stack: ${Arn}`);
    }
    const compiled = {
      ...{ name, arn: ruleArn, matches: compilePattern(properties.EventPattern) },
      targets: properties.Targets.map((one) => ({ arn: one.Arn, deadLetterArn: one.DeadLetterConfig?.Arn })),
    };
    if (properties.State === 'ENABLED') cloud.buses.addRule(bus, compiled);
    return { ref: bus === 'default' ? name : `${bus}|${name}`, attributes: { Arn: ruleArn } };
  }),
];
