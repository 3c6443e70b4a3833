/** Hears the outcomes of tasks as a consumer would: by a rule on the bus and a queue, made for it and removed again. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteRuleCommand,
  type EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { detailTypes, EVENT_SOURCE, parseEvent, type TaskEvent } from '../../../client/index.ts';

export interface OutcomeEvents {
  /** @throws Error when the event does not come in time */
  outcomeOf(taskId: string): Promise<TaskEvent>;
  /** Takes everything away that was made. */
  remove(): Promise<void>;
}

export interface OutcomeEventsOptions {
  readonly sqs: SQSClient;
  readonly eventBridge: EventBridgeClient;
  readonly busName: string;
  /** Whose tasks. */
  readonly owner: string;
  /** How long an outcome is waited for. */
  readonly patienceMs: number;
}

const TARGET = 'queue';
/** Of our own event, which shows that rule and queue are at work: in AWS a new one takes up to a minute. */
const PROBE = { source: 'wanhook.smoke', detailType: 'Smoke Probe' } as const;
const PROBE_PAUSE_MS = 2000;

/** @throws what AWS throws; what was made until then is removed */
export async function hearOutcomes(options: OutcomeEventsOptions): Promise<OutcomeEvents> {
  const { sqs, eventBridge, busName, owner } = options;
  const name = `wanhook-smoke-${randomUUID().slice(0, 8)}`;
  const rule = { Rule: name, EventBusName: busName };
  const undo: (() => Promise<unknown>)[] = [];
  const remove = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    undo.push(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
    const queueArn = await arnOf(sqs, QueueUrl);
    const EventPattern = JSON.stringify({
      source: [EVENT_SOURCE, PROBE.source],
      'detail-type': [detailTypes.completed, detailTypes.failed, PROBE.detailType],
      detail: { owner: [owner] },
    });
    const put = await eventBridge.send(
      new PutRuleCommand({ Name: name, EventBusName: busName, EventPattern }),
    );
    undo.push(() => eventBridge.send(new DeleteRuleCommand({ Name: name, EventBusName: busName })));
    const Policy = JSON.stringify(maySend(queueArn, put.RuleArn!));
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    await eventBridge.send(new PutTargetsCommand({ ...rule, Targets: [{ Id: TARGET, Arn: queueArn }] }));
    undo.push(() => eventBridge.send(new RemoveTargetsCommand({ ...rule, Ids: [TARGET] })));
    const { outcomeOf, probed } = listen(sqs, QueueUrl, options.patienceMs, undo);
    await untilProbed(options, probed);
    return { outcomeOf, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Puts probes until one comes through. */
async function untilProbed(
  { eventBridge, busName, owner, patienceMs }: OutcomeEventsOptions,
  probed: Promise<void>,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  const entry = {
    EventBusName: busName,
    Source: PROBE.source,
    DetailType: PROBE.detailType,
    Detail: JSON.stringify({ owner }),
  };
  while (Date.now() < deadline) {
    await eventBridge.send(new PutEventsCommand({ Entries: [entry] }));
    const pause = sleep(PROBE_PAUSE_MS, 'again' as const);
    if ((await Promise.race([probed, pause])) !== 'again') return;
  }
  throw new Error(`A new rule on the bus ${busName} has delivered no event for ${patienceMs / 1000} s`);
}

function listen(
  sqs: SQSClient,
  QueueUrl: string,
  patienceMs: number,
  undo: (() => Promise<unknown>)[],
): Pick<OutcomeEvents, 'outcomeOf'> & { readonly probed: Promise<void> } {
  const probe = Promise.withResolvers<void>();
  const heard = new Map<string, PromiseWithResolvers<TaskEvent>>();
  const slot = (taskId: string) => {
    const known = heard.get(taskId) ?? Promise.withResolvers<TaskEvent>();
    heard.set(taskId, known);
    return known;
  };
  const stop = new AbortController();
  const receiving = receive(sqs, QueueUrl, stop.signal, (body) => {
    if (isProbe(body)) probe.resolve();
    else {
      const event = parseEvent(body);
      slot(event.task.id).resolve(event);
    }
  });
  receiving.catch(probe.reject);
  undo.push(() => {
    stop.abort();
    return receiving;
  });
  return {
    probed: probe.promise,
    outcomeOf: (taskId) => {
      const { promise, reject } = slot(taskId);
      const late = new Error(`No outcome of ${taskId} within ${patienceMs / 1000} s`);
      setTimeout(() => reject(late), patienceMs).unref();
      receiving.catch(reject);
      return promise;
    },
  };
}

async function receive(
  sqs: SQSClient,
  QueueUrl: string,
  signal: AbortSignal,
  take: (body: string) => void,
): Promise<void> {
  const request = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 };
  while (!signal.aborted) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
    for (const { Body, ReceiptHandle } of Messages) {
      take(Body!);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: ReceiptHandle! }));
    }
  }
}

const isProbe = (body: string): boolean => (JSON.parse(body) as { source?: unknown }).source === PROBE.source;

async function arnOf(sqs: SQSClient, QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return Attributes!.QueueArn!;
}

const maySend = (queueArn: string, ruleArn: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn,
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
    },
  ],
});
