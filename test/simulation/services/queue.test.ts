/**
 * The simulated queues against the local cloud's SQS, by random histories: what is sent, received, hidden, deleted, and how
 * time passes in between. SQS promises no order of a standard queue, so there only what is received is compared.
 */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import type { LocalCloud } from '../../../infra/local/cloud/index.ts';
import { boot, clientOf, getAtt, queue } from '../../infra/local/cloud/stacks.ts';
import { Clock } from '../clock.ts';
import { SimulatedQueue } from './queue.ts';

type Step =
  | { readonly kind: 'send'; readonly group: string; readonly deduplication: string; readonly delay: number }
  | { readonly kind: 'receive' }
  | { readonly kind: 'delete' | 'hide'; readonly nth: number; readonly seconds: number }
  | { readonly kind: 'wait'; readonly seconds: number };

const VISIBILITY = 30;
const MOST_RECEIVES = 3;
const RUNS = 40;
/** SQS gives no more at once, and a standard queue may choose which. */
const MOST_AT_ONCE = 10;

const step = (fifo: boolean): fc.Arbitrary<Step> => {
  const seconds = fc.constantFrom(0, 10, 20);
  return fc.oneof(
    fc.record({
      kind: fc.constant('send' as const),
      group: fc.constantFrom('a', 'b'),
      deduplication: fc.constantFrom('1', '2', '3', '4'),
      delay: fifo ? fc.constant(0) : seconds,
    }),
    fc.record({ kind: fc.constant('receive' as const) }),
    fc.record({
      kind: fc.constantFrom('delete' as const, 'hide' as const),
      nth: fc.integer({ min: 0, max: 3 }),
      seconds,
    }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(5, 31, 400) }),
  );
};

const historyOf = (fifo: boolean) =>
  fc
    .array(step(fifo), { minLength: 8, maxLength: 30 })
    .filter((history) => history.filter(({ kind }) => kind === 'send').length <= MOST_AT_ONCE);

/** One kind of queue under both, with the same moves. */
interface Subject {
  send(body: string, group: string, deduplication: string, delay: number): Promise<void>;
  /** @returns by body, what names each message from now on */
  receive(): Promise<Map<string, string>>;
  delete(handle: string): Promise<void>;
  hide(handle: string, seconds: number): Promise<void>;
  /** Bodies. */
  deadLetters(): Promise<readonly string[]>;
}

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['FIFO, one message at a time as the callbacks queue is read', true],
  ['standard', false],
])('holds what the local cloud does: %s', async (_, fifo) => {
  const cloud = await boot({ Resources: resources(fifo) });
  const sqs = new SQSClient({ ...clientOf(cloud, 'sqs'), maxAttempts: 1 });
  let run = 0;
  let now = Date.now();

  await fc.assert(
    fc.asyncProperty(historyOf(fifo), async (history) => {
      const clock = new Clock(now);
      const both = new Both(real(cloud, sqs, run++, fifo), simulated(clock, fifo));
      for (const [at, one] of history.entries()) {
        if (one.kind === 'wait') now += one.seconds * 1000;
        vi.useFakeTimers({ toFake: ['Date'], now });
        clock.now = now;
        await both.take(one, at, now);
      }
      await both.compareDeadLetters();
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

/** Takes each step at both, and compares what is seen. */
class Both {
  readonly #real: Subject;
  readonly #simulated: Subject;
  readonly #inFlight: { readonly real: string; readonly simulated: string; until: number }[] = [];

  constructor(one: Subject, other: Subject) {
    this.#real = one;
    this.#simulated = other;
  }

  async take(step: Step, at: number, now: number): Promise<void> {
    if (step.kind === 'send') {
      for (const subject of [this.#real, this.#simulated])
        await subject.send(String(at), step.group, step.deduplication, step.delay);
    } else if (step.kind === 'receive') await this.#receive(now);
    else if (step.kind !== 'wait') await this.#touch(step, now);
  }

  async #receive(now: number): Promise<void> {
    const expected = await this.#real.receive();
    const actual = await this.#simulated.receive();
    expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [body, handle] of expected)
      this.#inFlight.push({ real: handle, simulated: actual.get(body)!, until: now + VISIBILITY * 1000 });
  }

  /** Only what is still in flight: nothing of ours touches a message after its time. */
  async #touch({ kind, nth, seconds }: Extract<Step, { nth: number }>, now: number): Promise<void> {
    const message = this.#inFlight.filter(({ until }) => until > now)[nth];
    if (!message) return;
    message.until = kind === 'delete' ? 0 : now + seconds * 1000;
    if (kind === 'hide') {
      await this.#real.hide(message.real, seconds);
      await this.#simulated.hide(message.simulated, seconds);
    } else {
      await this.#real.delete(message.real);
      await this.#simulated.delete(message.simulated);
    }
  }

  async compareDeadLetters(): Promise<void> {
    const expected = await this.#real.deadLetters();
    expect([...(await this.#simulated.deadLetters())].sort()).toEqual([...expected].sort());
  }
}

/** Of the n-th history; no name begins another. */
const named = (what: string, nth: number): string => `${what}${String(nth).padStart(2, '0')}`;

/** A queue and its dead letters for each history. */
function resources(fifo: boolean): Record<string, unknown> {
  const kind = fifo
    ? { FifoQueue: true, DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' }
    : {};
  const pairs = Array.from({ length: RUNS }, (_, nth) => [
    [named('Dead', nth), queue(kind)],
    [
      named('Jobs', nth),
      queue({
        ...kind,
        VisibilityTimeout: VISIBILITY,
        RedrivePolicy: {
          deadLetterTargetArn: getAtt(named('Dead', nth), 'Arn'),
          maxReceiveCount: MOST_RECEIVES,
        },
      }),
    ],
  ]);
  return Object.fromEntries(pairs.flat());
}

function real(cloud: LocalCloud, sqs: SQSClient, run: number, fifo: boolean): Subject {
  const QueueUrl = cloud.queue(named('Jobs', run)).url;
  const receiveFrom = async (url: string, most: number) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: most }),
    );
    return new Map(Messages.map(({ Body = '', ReceiptHandle = '' }) => [Body, ReceiptHandle]));
  };
  return {
    send: async (MessageBody, MessageGroupId, MessageDeduplicationId, DelaySeconds) => {
      const ids = fifo ? { MessageGroupId, MessageDeduplicationId } : { DelaySeconds };
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...ids }));
    },
    receive: () => receiveFrom(QueueUrl, fifo ? 1 : MOST_AT_ONCE),
    delete: async (ReceiptHandle) =>
      void (await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))),
    hide: async (ReceiptHandle, VisibilityTimeout) => {
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    },
    deadLetters: async () => {
      const bodies: string[] = [];
      for (;;) {
        const received = await receiveFrom(cloud.queue(named('Dead', run)).url, MOST_AT_ONCE);
        if (received.size === 0) return bodies;
        bodies.push(...received.keys());
        if (!fifo) continue;
        // The next of a group come when the first are gone.
        for (const ReceiptHandle of received.values())
          await sqs.send(
            new DeleteMessageCommand({ QueueUrl: cloud.queue(named('Dead', run)).url, ReceiptHandle }),
          );
      }
    },
  };
}

function simulated(clock: Clock, fifo: boolean): Subject {
  const one = new SimulatedQueue(clock, {
    name: 'jobs',
    fifo,
    visibilitySeconds: VISIBILITY,
    maxReceives: MOST_RECEIVES,
  });
  return {
    send: async (body, group, deduplication, delaySeconds) => {
      one.send({ body, attributes: {}, delaySeconds, ...(fifo && { group, deduplication }) });
    },
    receive: async () => new Map(one.receive(fifo ? 1 : MOST_AT_ONCE).map(({ body, id }) => [body, id])),
    delete: async (handle) => one.delete(handle),
    hide: async (handle, seconds) => one.hide(handle, seconds),
    deadLetters: async () => one.deadLetters.map(({ body }) => body),
  };
}
