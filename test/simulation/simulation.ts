/** The deployment, the providers and everything between them, put together for one run. */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { ulid } from 'ulid';
import { hasEnded, type TaskRecord } from '../../shared/task/record.ts';
import { Choices, type Deviations } from './choices.ts';
import { Clock } from './clock.ts';
import { Faults } from './faults.ts';
import {
  type Deployment,
  queueUrls,
  startCallback,
  startCheck,
  startDeliver,
  startPublish,
  startSubmit,
} from './functions.ts';
import { Ingress } from './ingress.ts';
import { feedLedger, isCounted, startLedger } from './ledger.ts';
import { Oracle } from './oracle.ts';
import { ImageHost } from './provider/image-host.ts';
import { networkOf } from './provider/network.ts';
import { Providers } from './provider/provider.ts';
import { receiver } from './receiver.ts';
import { hasSecret } from './secrets.ts';
import { SimulatedBucket, SimulatedBus, SimulatedSecrets } from './services/bus.ts';
import { clientsOf } from './services/clients.ts';
import { feedFromQueue, shard } from './services/event-sources.ts';
import { Lambda } from './services/lambda.ts';
import { SimulatedQueue } from './services/queue.ts';
import { Requests, type Service } from './services/requests.ts';
import { isStreamed, type StreamRecord, streamRecord } from './services/stream.ts';
import { type Change, SimulatedTable } from './services/table.ts';
import { Story } from './story.ts';
import { KeptTelemetry } from './telemetry.ts';
import { termsOf } from './terms.ts';
import { Truth } from './truth.ts';

/** A quarter of a minute before February: most tasks end on another day, in another month, than they were reserved on. */
export const START = Date.UTC(2026, 0, 31, 23, 59, 45);
/** Stands in a callback that nobody but a forger sends. */
export const FORGED = 'FORGED';

/** What everything in a run shares. */
export interface Run {
  readonly clock: Clock;
  readonly choices: Choices;
  readonly story: Story;
  readonly truth: Truth;
  readonly telemetry: KeptTelemetry;
  /** On our side: functions, services, queues, operators. */
  readonly ours: Faults;
  /** On the providers'. */
  readonly theirs: Faults;
  /** Services that do not answer at present. */
  readonly down: Set<Service>;
}

/**
 * @param replayed only these deviations happen
 * @param isTold whether a story is kept
 */
export function newRun(seed: string, replayed?: Deviations, isTold = false): Run {
  const clock = new Clock(START);
  const choices = new Choices(seed, replayed);
  return {
    clock,
    choices,
    story: new Story(clock, isTold),
    truth: new Truth(),
    telemetry: new KeptTelemetry(),
    ours: new Faults(choices, storm(choices, 'ours'), MOST_FAULTS),
    theirs: new Faults(choices, Math.min(1.5, storm(choices, 'theirs'))),
    down: new Set(),
  };
}

/** Many runs are calm on one side or the other, so that each kind of trouble is also seen alone. */
function storm(choices: Choices, side: string): number {
  const levels = [0, 0, 1, 1, 4];
  return levels[Math.floor(choices.roll(`storm, ${side}`) * levels.length)]!;
}

/** A function that dies in its callback costs nine minutes: so many are over long before the day is. */
const MOST_FAULTS = 25;

export type Simulation = ReturnType<typeof simulate>;

export function simulate(run: Run) {
  const services = servicesOf(run);
  const { oracle, table, queues, callbacks } = services;
  const host = new ImageHost(run.clock);
  const ingress = new Ingress({ ...run, faults: run.ours, callbacks });
  const providers = new Providers({
    ...run,
    host,
    faults: run.theirs,
    onCreate: (task) => oracle.createArrives(task),
    callBack: (url, body, said) => ingress.receive(url, body, said),
  });
  callbacks.onSent = (sent) => ingress.noteRead(sent, providers.said);
  const functions = functionsOf(run, services, providers, host);
  const stream = feed(run, functions, queues);
  const ledger = feedLedger({ clock: run.clock, faults: run.ours }, (event) =>
    functions.ledger.invoke(event),
  );
  services.onChange.push((change, sequence) => {
    if (isStreamed(change)) stream.put(streamRecord(change, sequence));
    if (isCounted(change)) ledger.put(streamRecord(change, sequence));
  });
  const records = () => [...table.items.keys()].flatMap((id) => services.record(id) ?? []);
  return { ...run, ...services, ingress, providers, functions, stream, ledger, records };
}

function servicesOf(run: Run) {
  const { clock, choices, story, truth, ours } = run;
  const onChange: ((change: Change, sequence: number) => void)[] = [];
  let sequence = 0;
  let transactions = 0;
  const table = new SimulatedTable(
    (change) => {
      sequence += 1;
      for (const listener of onChange) listener(change, sequence);
    },
    () => ours.pick(`transaction ${++transactions}`, 'alone', { 'meets another': 0.1 }) !== 'alone',
  );
  const record = (id: string) => recordOf(table.items.get(id));
  const bucket = new SimulatedBucket();
  const oracle = new Oracle({
    truth,
    now: () => clock.now,
    record,
    records: () => [...table.items.keys()].flatMap((id) => record(id) ?? []),
    rows: () => [...table.usage.values()].map((row) => unmarshall(row)),
    objectAt: (key) => bucket.objects.get(key),
    terms: () => termsOf(choices),
    isCalm: () => ours.isCalm,
    isBehaving: (task) => ![...choices.deviations.keys()].some((name) => /^\w+/.exec(name)?.[0] === task),
  });
  onChange.push((change) => {
    const after = recordOf(change.after)!;
    // The task's name in the simulation is its prompt's first word; a foreign record has none.
    if (after.prompt === undefined) return;
    const task = truth.of(after.prompt.split(' ')[0]!);
    task.id ??= after.id;
    story.name(after.id, task.name);
    oracle.recordChanges(recordOf(change.before), after);
  });
  const bus = new SimulatedBus(ours, (detail) => {
    if ('budget' in detail) return void oracle.budgetIsTold(detail.id);
    story.tell(() => `bus: event ${detail.id.replace(detail.task.id, story.nameOf(detail.task.id))}`);
    if (hasSecret(JSON.stringify(detail))) oracle.secretLeaks('an event');
    oracle.eventArrives(detail);
    // The rule of infra/constructs/webhooks.ts.
    if (!detail.task.callback || !hasEnded(detail.task.status)) return;
    const times = ours.pick(`rule, ${detail.id}`, 'once', { twice: 0.02 }) === 'once' ? 1 : 2;
    for (let nth = 0; nth < times; nth++)
      queues
        .get(queueUrls.webhooks)
        ?.send({ body: JSON.stringify({ task: detail.task.id }), attributes: {} });
  });
  const callbacks = new SimulatedQueue(clock, {
    name: queueUrls.callbacks,
    fifo: true,
    visibilitySeconds: 540,
    maxReceives: 300,
  });
  const standard = Object.values(queueUrls)
    .filter((name) => name !== queueUrls.callbacks)
    .map((name) => new SimulatedQueue(clock, { name, fifo: false, visibilitySeconds: 360, maxReceives: 50 }));
  const queues = new Map([callbacks, ...standard].map((queue) => [queue.settings.name, queue]));
  return { oracle, table, bucket, bus, secrets: new SimulatedSecrets(), queues, callbacks, record, onChange };
}

const recordOf = (item: Change['before']): TaskRecord | undefined => item && (unmarshall(item) as TaskRecord);

function functionsOf(
  run: Run,
  services: ReturnType<typeof servicesOf>,
  providers: Providers,
  host: ImageHost,
) {
  const { clock, choices, story, telemetry, down, ours: faults } = run;
  const isDown = (service: Service) => down.has(service);
  const requests = new Requests({ clock, faults, story, isDown });
  const forging = new Set<string>();
  let ulids = 0;
  let randoms = 0;
  const deployment: Deployment = {
    clock,
    telemetry,
    clientsOf: (instance) =>
      clientsOf(services, requests, story, instance, (command) => {
        const { name } = command.constructor;
        if (forging.has(instance.invocation) && /Put|Update|Send/.test(name))
          services.oracle.forgeryWrites(name);
      }),
    networkOf: (instance) =>
      networkOf(
        {
          clock,
          faults,
          story,
          providers,
          host,
          onStranger: (name) => services.oracle.strangerIsAsked(name),
        },
        instance,
      ),
    postOf: receiver({ clock, faults: run.theirs, story, oracle: services.oracle }),
    random: () => choices.roll(`random ${randoms++}`),
    freshUlid: (time) => ulid(time, () => choices.roll(`ulid ${ulids++}`)),
  };
  return {
    submit: new Lambda(clock, {
      name: 'submit',
      timeoutSeconds: 29,
      start: (instance) => {
        const handler = startSubmit(deployment, instance);
        return async (input: Parameters<typeof handler>[0], signal) => {
          const { invocation } = instance;
          return { invocation, submitted: await handler(input, signal) };
        };
      },
    }),
    callback: new Lambda(clock, {
      name: 'callback',
      timeoutSeconds: 90,
      warningMs: 10_000,
      start: (instance) => {
        const handler = startCallback(deployment, instance);
        return (messages: Parameters<typeof handler>[0], signal) => {
          if (messages.some(({ body }) => body.includes(FORGED))) forging.add(instance.invocation);
          return handler(messages, signal);
        };
      },
    }),
    check: new Lambda(clock, {
      name: 'check',
      timeoutSeconds: 60,
      start: (instance) => startCheck(deployment, instance),
    }),
    deliver: new Lambda(clock, {
      name: 'deliver',
      timeoutSeconds: 30,
      start: (instance) => startDeliver(deployment, instance),
    }),
    ledger: new Lambda(clock, {
      name: 'ledger',
      timeoutSeconds: 60,
      start: (instance) => startLedger(deployment, instance),
    }),
    publish: new Lambda(clock, {
      name: 'publish',
      timeoutSeconds: 30,
      start: (instance) => startPublish(deployment, instance),
    }),
  };
}

type Functions = ReturnType<typeof functionsOf>;

/** @returns the stream, which is put records into, and the tasks whose records it has given up */
function feed(
  { clock, ours: faults }: Run,
  { callback, check, deliver, publish }: Functions,
  queues: ReadonlyMap<string, SimulatedQueue>,
) {
  const source = { clock, faults };
  const { callbacks, overdue, status } = queueUrls;
  feedFromQueue(source, queues.get(callbacks)!, { batchSize: 1 }, (batch) => callback.invoke(batch));
  feedFromQueue(source, queues.get(overdue)!, { batchSize: 100, windowSeconds: 20 }, (messages) =>
    check.invoke({ queue: overdue, messages }),
  );
  feedFromQueue(source, queues.get(status)!, { batchSize: 10 }, (messages) =>
    check.invoke({ queue: status, messages }),
  );
  for (const queue of [queueUrls.webhooks, queueUrls.retries])
    feedFromQueue(source, queues.get(queue)!, { batchSize: 10 }, (messages) =>
      deliver.invoke({ queue, messages }),
    );
  const givenUp = new Set<string>();
  const put = shard<StreamRecord>(
    source,
    (batch) => publish.invoke(batch.map(({ record }) => record)),
    (batch) => batch.forEach(({ taskId }) => void givenUp.add(taskId)),
  );
  return { put, givenUp };
}
