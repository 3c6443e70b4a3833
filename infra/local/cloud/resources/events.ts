/** AWS::Events::EventBus and AWS::Events::Rule, whose targets are queues. */

import * as z from 'zod';
import { compilePattern } from '../eventbridge/pattern.ts';
import { ruleResource, ruleTarget, targetProperties } from '../eventbridge/rules.ts';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const eventBus = z.strictObject({
  Name: z.string(),
  Tags: tags,
  ...withoutEffect('Description'),
});

const rule = z.strictObject({
  Name: z.string().optional(),
  EventBusName: z.string().default('default'),
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(targetProperties).max(5).default([]),
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
    const ruleArn = arn(cloud, 'events', ruleResource(bus, name));
    cloud.buses.putRule(bus, {
      name,
      arn: ruleArn,
      pattern: properties.EventPattern,
      matches: compilePattern(properties.EventPattern),
      isEnabled: properties.State === 'ENABLED',
      targets: properties.Targets.map((one) => ruleTarget(one, cloud.queues)),
    });
    return { ref: bus === 'default' ? name : `${bus}|${name}`, attributes: { Arn: ruleArn } };
  }),
];
