/** The rules on the bus, ours and others', with their targets. */
import {
  type EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  type Rule,
  type Target,
} from '@aws-sdk/client-eventbridge';
import pLimit from 'p-limit';
import type { RuleFact } from './facts.ts';

/** Requests at a time: EventBridge takes 50 a second. */
const AT_A_TIME = 5;

export async function readRules(events: EventBridgeClient, EventBusName: string): Promise<RuleFact[]> {
  const rules = await everyPage<Rule>(async (NextToken) => {
    const page = await events.send(new ListRulesCommand({ EventBusName, NextToken }));
    return { items: page.Rules, next: page.NextToken };
  });
  return pLimit(AT_A_TIME).map(rules, async ({ Name = '', State }) => {
    const targets = await everyPage<Target>(async (NextToken) => {
      const request = new ListTargetsByRuleCommand({ EventBusName, Rule: Name, NextToken });
      const page = await events.send(request);
      return { items: page.Targets, next: page.NextToken };
    });
    return { name: Name, isEnabled: State !== 'DISABLED', targets: targets.map(({ Arn = '' }) => Arn) };
  });
}

/** EventBridge's client has no paginators. */
async function everyPage<T>(
  read: (token: string | undefined) => Promise<{ items: T[] | undefined; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items = [], next } = await read(token);
    all.push(...items);
    token = next;
  } while (token);
  return all;
}
