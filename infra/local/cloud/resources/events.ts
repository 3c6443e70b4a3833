/** AWS::Events::EventBus and AWS::Events::Rule: of events, to queues, or of a schedule, to functions. */

import * as z from 'zod';
import type { CloudState } from '../cloud-state.ts';
import { compilePattern } from '../eventbridge/pattern.ts';
import { periodOf } from '../eventbridge/rate.ts';
import { ruleResource, ruleTarget, targetProperties } from '../eventbridge/rules.ts';
import type { ScheduledRule } from '../eventbridge/schedules.ts';
import { compileInput } from '../eventbridge/target-input.ts';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const eventBus = z.strictObject({
  Name: z.string(),
  Tags: tags,
  ...withoutEffect('Description'),
});

const rule = z.strictObject({
  Name: z.string().optional(),
  EventBusName: z.string().default('default'),
  EventPattern: z.record(z.string(), z.unknown()).optional(),
  ScheduleExpression: z.string().optional(),
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
    const named = { name, arn: arn(cloud, 'events', ruleResource(bus, name)) };
    const { ScheduleExpression: schedule, EventPattern: pattern } = properties;
    if (schedule !== undefined) cloud.schedules.add({ ...named, ...scheduled(properties, schedule, cloud) });
    else if (pattern) {
      cloud.buses.putRule(bus, {
        ...named,
        pattern,
        matches: compilePattern(pattern),
        isEnabled: properties.State === 'ENABLED',
        targets: properties.Targets.map((one) => ruleTarget(one, cloud.queues)),
      });
    } else throw new Error('a rule needs an EventPattern or a ScheduleExpression');
    return { ref: bus === 'default' ? name : `${bus}|${name}`, attributes: { Arn: named.arn } };
  }),
];

function scheduled(
  { EventPattern, EventBusName, State, Targets }: z.output<typeof rule>,
  expression: string,
  cloud: CloudState,
): Omit<ScheduledRule, 'name' | 'arn'> {
  if (EventPattern) throw new Error('the local cloud knows no rule with both a pattern and a schedule');
  if (EventBusName !== 'default')
    throw new Error('ScheduleExpression is supported only on the default event bus.');
  return {
    periodMs: periodOf(expression),
    isEnabled: State === 'ENABLED',
    targets: Targets.map((target) => ({ function: functionOf(target, cloud), input: compileInput(target) })),
  };
}

function functionOf({ Id, Arn, DeadLetterConfig }: z.output<typeof targetProperties>, cloud: CloudState) {
  const found = [...cloud.functions.values()].find(({ settings }) => settings.arn === Arn);
  if (!found)
    throw new Error(`target ${Id} is no function of this stack, and schedules know no other: ${Arn}`);
  if (DeadLetterConfig) throw new Error(`target ${Id} has a DeadLetterConfig, which schedules do not know`);
  return found;
}
