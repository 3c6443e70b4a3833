/** Judges what is known of a deployment: what is as it must be, what is not, and which command mends it. */
import type { Commands } from './commands.ts';
import { diagnoseAlarms, diagnoseListeners } from './diagnose-alarms.ts';
import { diagnoseQueues, diagnoseSources, diagnoseStream } from './diagnose-queues.ts';
import type { Facts, MeasuresFact, OpenTasksFact, Part, ProviderFact, QueueFact, RuleFact } from './facts.ts';
import { type Finding, findingsOf } from './finding.ts';

export function diagnose(facts: Facts, commands: Commands): Finding[] {
  const known = <T>(name: string, part: Part<T>, judge: (value: T) => readonly Finding[]) =>
    part.known ? judge(part.value) : [unread(name, part.why)];
  const queues = facts.queues.known ? facts.queues.value : [];
  const measures = facts.measures.known ? facts.measures.value : undefined;
  return [
    ...known('providers', facts.providers, (value) => diagnoseProviders(value, commands)),
    ...known('API keys', facts.apiKeys, (value) => diagnoseApiKeys(value, commands)),
    ...known('event sources', facts.sources, (value) => diagnoseSources(value, commands)),
    ...known('rules', facts.rules, (value) => diagnoseRules(value, queues, commands)),
    ...known('queues', facts.queues, (value) => diagnoseQueues(value, measures, facts.sources, commands)),
    ...known('stream', facts.measures, (value) => diagnoseStream(value, commands)),
    ...known('open tasks', facts.openTasks, (value) => diagnoseOpenTasks(value, measures, commands)),
    ...known('alarms', facts.alarms, (value) => diagnoseAlarms(value, commands)),
    ...known('alarms', facts.listeners, (value) => diagnoseListeners(value, commands)),
  ];
}

export const isHealthy = (findings: readonly Finding[]): boolean =>
  findings.every(({ level }) => level !== 'trouble');

/** Not knowing is a trouble of its own: whoever asks may lack a right. */
const unread = (part: string, why: string): Finding => ({
  part,
  item: 'unknown',
  level: 'trouble',
  says: `could not be read: ${why}`,
});

function diagnoseProviders(providers: readonly ProviderFact[], commands: Commands): Finding[] {
  const { fine, note, trouble } = findingsOf('providers');
  const hasAny = providers.some(({ key }) => key.kind !== 'none');
  if (!hasAny)
    return [
      trouble('keys', 'no provider has a key: every request is answered 503', commands.setProviderKeys),
    ];
  return providers.map(({ title, models, key }) => {
    switch (key.kind) {
      case 'none':
        return note(title, `no key: ${models.join(' and ')} are answered 503`);
      case 'accepted':
        return fine(title, 'its key is set, and accepted when a task is asked for');
      case 'refused':
        return trouble(title, `refuses its key (${key.why})`, commands.setProviderKeys);
      default:
        return note(
          title,
          `its key is set; asked for a task, it did not say whether it accepts it (${key.why})`,
        );
    }
  });
}

function diagnoseApiKeys(accepted: number, commands: Commands): Finding[] {
  const { fine, trouble } = findingsOf('API keys');
  return accepted > 0
    ? [fine('callers', `at least ${accepted} accepted`)]
    : [trouble('callers', 'there is no API key: nobody can ask for anything', commands.createKey)];
}

function diagnoseRules(
  rules: readonly RuleFact[],
  queues: readonly QueueFact[],
  commands: Commands,
): Finding[] {
  const { fine, note, trouble } = findingsOf('rules');
  const ours = queues.find(({ name }) => name === 'WebhooksQueue')?.arn;
  const isOurs = (rule: RuleFact) => ours !== undefined && rule.targets.includes(ours);
  const nameOf = (arn: string) =>
    queues.find((queue) => queue.arn === arn)?.name ?? arn.split(':').slice(2).filter(Boolean).join(':');
  const listed = rules.map((rule) => {
    const targets = rule.targets.map(nameOf).join(', ') || 'nothing';
    if (rule.isEnabled && rule.targets.length > 0) return fine(rule.name, `enabled, to ${targets}`);
    if (rule.isEnabled) return note(rule.name, 'enabled, but it has no target');
    return isOurs(rule)
      ? trouble(rule.name, `disabled: nothing comes to ${targets}`, commands.enableRule(rule.name))
      : note(rule.name, `disabled, to ${targets}`);
  });
  if (ours === undefined || rules.some(isOurs)) return listed;
  return [
    ...listed,
    trouble('webhooks', 'no rule leads to WebhooksQueue: no webhook is sent', commands.deploy),
  ];
}

function diagnoseOpenTasks(
  { ids, looked, isComplete }: OpenTasksFact,
  measures: MeasuresFact | undefined,
  commands: Commands,
): Finding[] {
  const { fine, note, trouble } = findingsOf('open tasks');
  const item = 'beyond 25 h';
  if (ids[0] !== undefined) {
    const count = isComplete && ids.length < 100 ? String(ids.length) : `${ids.length} or more`;
    const says = `${count} open, which nothing ends (docs/runbook.md#open-beyond-25-hours), like ${ids[0]}`;
    return [trouble(item, says, commands.republish(ids[0]))];
  }
  if (isComplete) return [fine(item, `none of ${looked} tasks`)];
  const swept = measures?.openBeyond25Hours;
  const begin = `none of the first ${looked} tasks`;
  if (swept === undefined)
    return [note(item, `${begin}; of the others it is unknown until the daily sweep ran`)];
  return swept === 0
    ? [fine(item, `${begin}, and the daily sweep found none`)]
    : [
        trouble(
          item,
          `${begin}, but the daily sweep found ${swept} (docs/runbook.md#open-beyond-25-hours): its log has their ids`,
          commands.redrive,
        ),
      ];
}
