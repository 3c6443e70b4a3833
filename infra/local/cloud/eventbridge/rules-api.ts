/** The operations of the EventBridge API on rules. A rule made here is forgotten when the cloud stops. */
import * as z from 'zod';
import { type Operation, operation } from '../aws/api.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { Queues } from '../sqs/queues.ts';
import type { Buses, Rule } from './buses.ts';
import { compilePattern, PatternError } from './pattern.ts';
import { ruleResource, ruleTarget, targetProperties } from './rules.ts';

/** EventBridge's quota of targets per rule. */
const MOST_TARGETS = 5;
/** EventBridge's own, and the most that can be asked for. */
const PAGE = 100;

const name = z
  .string()
  .regex(/^[.\-\w]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens and underscores');
/** A bus is named, or given by its ARN. */
const bus = z
  .string()
  .default('default')
  .transform((nameOrArn) => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1));

const putRule = z.strictObject({
  Name: name,
  EventBusName: bus,
  EventPattern: z.string(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Description: z.string().max(512).optional(),
});
const ofRule = z.strictObject({ Rule: name, EventBusName: bus });
const putTargets = ofRule.extend({ Targets: z.array(targetProperties).min(1).max(100) });
const removeTargets = ofRule.extend({
  Ids: z.array(z.string()).min(1).max(100),
  Force: z.boolean().optional(),
});
const deleteRule = z.strictObject({ Name: name, EventBusName: bus, Force: z.boolean().optional() });
const listRules = z.strictObject({
  EventBusName: bus,
  NamePrefix: z.string().default(''),
  Limit: z.int().min(1).max(PAGE).default(PAGE),
  NextToken: z.string().regex(/^\d+$/, 'must be one that was answered').transform(Number).default(0),
});
const namedRule = z.strictObject({ Name: name, EventBusName: bus });

export interface RulesDependencies {
  readonly buses: Buses;
  readonly queues: Queues;
  /** The ARN of what is named like `rule/…`. */
  readonly arnOf: (resource: string) => string;
}

/** PutRule, DeleteRule, ListRules, EnableRule, DisableRule, PutTargets, RemoveTargets, ListTargetsByRule. */
export function ruleOperations({ buses, queues, arnOf }: RulesDependencies): Record<string, Operation> {
  const ruleArn = (busName: string, rule: string) => arnOf(ruleResource(busName, rule));
  const may = (action: string) => (input: { EventBusName: string; Rule: string }) => ({
    action: `events:${action}`,
    resource: ruleArn(input.EventBusName, input.Rule),
  });
  const mayNamed = (action: string) => (input: { EventBusName: string; Name: string }) =>
    may(action)({ EventBusName: input.EventBusName, Rule: input.Name });
  const find = (busName: string, wanted: string) => buses.rules(busName).find((rule) => rule.name === wanted);
  const at = (input: { EventBusName: string; Rule: string }): Rule => {
    const rule = find(input.EventBusName, input.Rule);
    if (rule) return rule;
    throw notFound(`Rule ${input.Rule} does not exist on EventBus ${input.EventBusName}.`);
  };
  const enable = ({ EventBusName, Name }: { EventBusName: string; Name: string }, isEnabled: boolean): void =>
    buses.putRule(EventBusName, { ...at({ EventBusName, Rule: Name }), isEnabled });
  return {
    PutRule: operation(putRule, mayNamed('PutRule'), (input) => {
      const arn = ruleArn(input.EventBusName, input.Name);
      buses.putRule(input.EventBusName, {
        name: input.Name,
        arn,
        ...patternOf(input.EventPattern),
        isEnabled: input.State === 'ENABLED',
        targets: find(input.EventBusName, input.Name)?.targets ?? [],
      });
      return { RuleArn: arn };
    }),
    DeleteRule: operation(deleteRule, mayNamed('DeleteRule'), ({ EventBusName, Name }) => {
      if ((find(EventBusName, Name)?.targets.length ?? 0) > 0) {
        throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
      }
      buses.deleteRule(EventBusName, Name);
    }),
    ListRules: operation(
      listRules,
      ({ EventBusName }) => ({ action: 'events:ListRules', resource: arnOf(`rule/${EventBusName}`) }),
      ({ EventBusName, NamePrefix, Limit, NextToken: start }) => {
        const found = buses.rules(EventBusName).filter((rule) => rule.name.startsWith(NamePrefix));
        const end = start + Limit;
        return {
          Rules: found.slice(start, end).map((rule) => listed(rule, EventBusName)),
          ...(end < found.length && { NextToken: String(end) }),
        };
      },
    ),
    EnableRule: operation(namedRule, mayNamed('EnableRule'), (input) => enable(input, true)),
    DisableRule: operation(namedRule, mayNamed('DisableRule'), (input) => enable(input, false)),
    PutTargets: operation(putTargets, may('PutTargets'), (input) => {
      const rule = at(input);
      const added = input.Targets.map((target) => targetOf(target, queues));
      const kept = rule.targets.filter(({ id }) => !added.some((target) => target.id === id));
      if (kept.length + added.length > MOST_TARGETS) {
        throw new AwsError(
          'LimitExceededException',
          'The requested resource exceeds the maximum number allowed.',
        );
      }
      buses.putRule(input.EventBusName, { ...rule, targets: [...kept, ...added] });
      return { FailedEntryCount: 0, FailedEntries: [] };
    }),
    RemoveTargets: operation(removeTargets, may('RemoveTargets'), (input) => {
      const rule = at(input);
      const targets = rule.targets.filter(({ id }) => !input.Ids.includes(id));
      buses.putRule(input.EventBusName, { ...rule, targets });
      return { FailedEntryCount: 0, FailedEntries: [] };
    }),
    ListTargetsByRule: operation(ofRule, may('ListTargetsByRule'), (input) => ({
      Targets: at(input).targets.map(({ id, arn, deadLetterArn }) => ({
        Id: id,
        Arn: arn,
        ...(deadLetterArn !== undefined && { DeadLetterConfig: { Arn: deadLetterArn } }),
      })),
    })),
  };
}

const listed = (rule: Rule, EventBusName: string) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: JSON.stringify(rule.pattern),
  State: rule.isEnabled ? 'ENABLED' : 'DISABLED',
  EventBusName,
});

function patternOf(text: string): Pick<Rule, 'pattern' | 'matches'> {
  try {
    const pattern = JSON.parse(text) as object;
    return { pattern, matches: compilePattern(pattern) };
  } catch (cause) {
    const why = cause instanceof PatternError ? cause.message : 'it is not JSON';
    throw new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${why}`, {
      cause,
    });
  }
}

function targetOf(target: z.output<typeof targetProperties>, queues: Queues) {
  try {
    return ruleTarget(target, queues);
  } catch (cause) {
    throw new AwsError('ValidationException', (cause as Error).message, { cause });
  }
}

const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);
