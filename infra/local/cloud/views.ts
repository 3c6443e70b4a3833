/** Views of functions and queues for tests and tools, without their inner workings. */
import { OUTSIDE } from './aws/credentials.ts';
import type { CloudState } from './cloud-state.ts';
import type { LocalFunction } from './lambda/local-function.ts';
import type { FunctionView, LocalCloud, PeekedMessage, QueueView } from './local-cloud.ts';
import type { MessageAttributes } from './sqs/message.ts';
import type { StoredMessage } from './sqs/message-store.ts';
import type { Queue } from './sqs/queue.ts';

/** The members of LocalCloud that are about functions. */
export function inspectFunctions(cloud: CloudState): Pick<LocalCloud, 'functions' | 'function'> {
  const functions = (): FunctionView[] => [...cloud.functions.values()].map((one) => functionView(one));
  return { functions, function: (part) => theOne(functions(), part, 'function') };
}

/** The members of LocalCloud that are about queues. */
export function inspectQueues(cloud: CloudState): Pick<LocalCloud, 'queues' | 'queue'> {
  const queues = (): QueueView[] => cloud.queues.all().map((one) => queueView(one, cloud));
  return { queues, queue: (part) => theOne(queues(), part, 'queue') };
}

/** The member of LocalCloud that is about scheduled rules. */
export function inspectSchedules({ schedules }: CloudState): Pick<LocalCloud, 'runSchedule'> {
  return { runSchedule: (part) => schedules.runOnce(theOne(schedules.all(), part, 'scheduled rule')) };
}

function functionView(one: LocalFunction): FunctionView {
  return {
    ...one.stats,
    throttle: (on) => one.throttle(on),
    kill: () => one.kill(),
    invoke: (event) => one.invoke(JSON.stringify(event), OUTSIDE),
  };
}

function queueView(queue: Queue, cloud: CloudState): QueueView {
  const { name, arn } = queue.settings;
  return {
    name,
    arn,
    url: `${cloud.endpoints.sqs}/${cloud.account}/${name}`,
    depth: () => queue.depth(),
    peek: () => queue.peek().map(peeked),
    makeAllVisible: () => queue.makeAllVisible(),
  };
}

function peeked(message: StoredMessage): PeekedMessage {
  const attributes = Object.entries(JSON.parse(message.attributes) as MessageAttributes);
  return {
    id: message.id,
    body: message.body,
    attributes: Object.fromEntries(attributes.map(([name, value]) => [name, value.StringValue ?? ''])),
    receiveCount: message.receive_count,
    sentAt: message.sent_at,
    visibleAt: message.visible_at,
  };
}

function theOne<T extends { readonly name: string }>(all: readonly T[], part: string, kind: string): T {
  const found = all.filter((one) => one.name.includes(part));
  if (found[0] && found.length === 1) return found[0];
  const names = all.map((one) => one.name).join(', ');
  throw new Error(
    `${found.length === 0 ? 'no' : 'more than one'} ${kind} is named like ${part}; there are ${names}`,
  );
}
