/** A deployment in which all is well, for tests that change something about it. */
import {
  DEAD_LETTERS,
  type Facts,
  type Part,
  type QueueFact,
  type StatusOutputs,
  WORK_QUEUES,
} from '../../../../infra/operations/status/facts.ts';

export const known = <T>(value: T): Part<T> => ({ known: true, value });
export const unknown = (why: string): Part<never> => ({ known: false, why });

export const arnOf = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;

const queue = (name: QueueFact['name'], messages = 0): QueueFact => ({ name, arn: arnOf(name), messages });

/** @param messages by queue; none in the others */
export const queuesWith = (messages: Partial<Record<QueueFact['name'], number>> = {}) =>
  known([...WORK_QUEUES, ...DEAD_LETTERS].map((name) => queue(name, messages[name])));

export const reader = (functionName: string, state = 'Enabled') => ({
  uuid: `uuid-of-${functionName}`,
  functionName,
  state,
});

export const healthy: Facts = {
  providers: known([
    { name: 'evolink', title: 'EvoLink', models: ['one', 'two'], key: { kind: 'accepted' } },
    { name: 'vtrix', title: 'Vtrix', models: ['three'], key: { kind: 'accepted' } },
  ]),
  apiKeys: known(2),
  queues: queuesWith(),
  sources: known([
    ...WORK_QUEUES.map((name) => ({ name, readers: [reader(`on-${name}`)] })),
    { name: 'stream', readers: [reader('publish')] },
  ]),
  rules: known([{ name: 'ours', isEnabled: true, targets: [arnOf('WebhooksQueue')] }]),
  measures: known({
    oldestMessage: { CallbacksQueue: 30 },
    iteratorAge: { ms: 400, functionName: 'publish' },
    openBeyond25Hours: 0,
  }),
  openTasks: known({ ids: [], looked: 12, isComplete: true }),
  alarms: known([
    { name: 'Errors', description: 'It fails', state: 'OK', rings: true, functionName: 'submit' },
    { name: 'Forged', description: 'Somebody is trying', state: 'OK', rings: true },
  ]),
  listeners: known([{ endpoint: 'ops@example.com', protocol: 'email', isConfirmed: true }]),
};

const names = [...WORK_QUEUES, ...DEAD_LETTERS];
export const outputs: StatusOutputs = {
  ...(Object.fromEntries(names.map((name) => [name, `https://sqs/${name}`])) as Record<
    QueueFact['name'],
    string
  >),
  ApiUrl: 'https://api.example.com',
  AlarmTopic: 'arn:aws:sns:us-east-1:123456789012:alarms',
  BusName: 'wanhook',
  KeysTable: 'keys',
  ProviderBaseUrls: '{}',
  ProviderKeysSecret: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:keys',
  TasksTable: 'tasks',
};
