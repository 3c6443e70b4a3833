/** The providers: take tasks, end them, call back, answer reads; each task as its plan says. */
import type { ProviderName } from '../../../shared/providers/definitions.ts';
import type { Clock } from '../clock.ts';
import type { Faults } from '../faults.ts';
import type { Story } from '../story.ts';
import type { Create, Truth } from '../truth.ts';
import {
  callbackText,
  createdText,
  idOf,
  recordedId,
  reportText,
  type Spoken,
  type Status,
} from './bodies.ts';
import { type ImageHost, imageUrl } from './image-host.ts';
import { type Plan, planOf } from './plan.ts';

export interface ProvidersDependencies {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly story: Story;
  readonly truth: Truth;
  readonly host: ImageHost;
  readonly onCreate: (task: string, body: string) => void;
  /** A callback to the product's address. @returns the status that the provider is answered */
  readonly callBack: (url: string, body: string, said: Said) => number;
}

/** What a body says, for who must judge without reading it as the product does. */
export interface Said {
  readonly task: string;
  readonly status: 'completed' | 'failed' | undefined;
  readonly isDoubtful: boolean;
}

/** An exchange over the network: when the request arrives, what it does there, how long the answer takes. */
export interface Exchange {
  readonly arrivesAfter: number;
  readonly answersAfter: number;
  readonly isRefused?: boolean;
  readonly act: () => Answer;
}

export interface Answer {
  /** 0: the connection breaks before it. */
  readonly status: number;
  readonly text: string;
  /** The create that it answers. */
  readonly create?: Create;
}

interface ProviderTask {
  readonly provider: ProviderName;
  readonly name: string;
  readonly id: string;
  readonly plan: Plan;
  readonly createdAt: number;
  readonly callbackUrl: string | undefined;
}

/** Of a callback; what is larger is not read (shared/providers/http.ts). */
const MOST_BYTES = 256 * 1024;
const RETRIES_MS = [1000, 2000, 4000];
const FORGOTTEN_MS = 24 * 3_600_000;
const CHANGES_ITS_MIND_MS = 60_000;

const createKinds = {
  'takes it, late': 0.05,
  'takes it, after 25 s': 0.02,
  'takes it, the answer is lost': 0.04,
  'takes it, and says 500': 0.03,
  'takes it, without an id': 0.02,
  'takes it, in a data wrapper': 0.04,
  'takes it, and estimates 1e300 s': 0.03,
  'says 500': 0.03,
  'says 408': 0.01,
  'is busy (429)': 0.1,
  'refuses the connection': 0.05,
  'says no': 0.03,
} as const;
const vtrixKinds = { ...createKinds, 'is done at once': 0.08, 'says no in a 200': 0.03 } as const;

export class Providers {
  /** What each body says that any of them ever sent. */
  readonly said = new Map<string, Said>();
  readonly keys = new Set<string>();
  readonly #dependencies: ProvidersDependencies;
  readonly #tasks: ProviderTask[] = [];
  readonly #asked = new Map<string, number>();

  constructor(dependencies: ProvidersDependencies) {
    this.#dependencies = dependencies;
  }

  create(provider: ProviderName, body: string, key: string, invocation: string): Exchange {
    const { faults, truth, onCreate } = this.#dependencies;
    const { name, callbackUrl } = requestIn(body);
    const nth = this.#next(`${name} create`);
    const kinds = provider === 'vtrix' ? vtrixKinds : createKinds;
    const kind: string = faults.pick(`${name}, create ${nth}`, 'takes it', kinds);
    return {
      arrivesAfter: 20,
      answersAfter: kind === 'takes it, late' ? 6000 : kind === 'takes it, after 25 s' ? 25_000 : 200,
      isRefused: kind === 'refuses the connection',
      act: () => {
        onCreate(name, body);
        const create: Create = { invocation, result: 'perhaps', isFinalNo: kind.startsWith('says no') };
        truth.of(name).creates.push(create);
        if (!this.keys.has(key)) return { status: 401, text: errorText('unauthorized', 'No.'), create };
        return { ...this.#answerTo(kind, provider, name, callbackUrl, create), create };
      },
    };
  }

  #answerTo(
    kind: string,
    provider: ProviderName,
    name: string,
    callbackUrl: string | undefined,
    create: Create,
  ) {
    const { story } = this.#dependencies;
    story.tell(() => `${provider}: create for ${name}: ${kind}`);
    switch (kind) {
      case 'says 500':
        return { status: 500, text: errorText('internal_error', 'Sorry.') };
      case 'says 408':
        return { status: 408, text: '' };
      case 'is busy (429)':
        return { status: 429, text: errorText('rate_limit_exceeded', 'Later.') };
      case 'says no':
        return { status: 400, text: errorText('invalid_request', `No: ${callbackUrl}`) };
      case 'says no in a 200':
        return {
          status: 200,
          text: JSON.stringify({ id: '', error: { code: 'no_balance', message: 'No.' } }),
        };
    }
    const task = this.#take(provider, name, callbackUrl, kind === 'is done at once');
    create.result = 'created';
    if (kind === 'takes it, and says 500') return { status: 500, text: '' };
    if (kind === 'takes it, the answer is lost') return { status: 0, text: '' };
    const text = kind === 'is done at once' ? this.#report(task) : createdText(provider, task.id, kind);
    return { status: 200, text };
  }

  #take(
    provider: ProviderName,
    name: string,
    callbackUrl: string | undefined,
    isDone: boolean,
  ): ProviderTask {
    const { clock, faults, truth, host } = this.#dependencies;
    const plan = planOf(faults, name);
    const id = idOf(plan.id, this.#tasks.length + 1);
    const task: ProviderTask = { provider, name, id, plan, createdAt: clock.now, callbackUrl };
    this.#tasks.push(task);
    const known = truth.of(name);
    known.providerIds.push(recordedId(id));
    known.images = plan.images;
    const ms = isDone ? 0 : plan.ms;
    if (ms === Number.POSITIVE_INFINITY) return task;
    const end = () => {
      known.endedAt = clock.now;
      for (const [index, kind] of plan.images.entries()) host.publish(name, index, kind);
      if (provider === 'evolink') this.#callBack(task);
    };
    if (isDone) end();
    else clock.after(ms, end);
    return task;
  }

  read(provider: ProviderName, id: string, key: string): Exchange {
    const { faults } = this.#dependencies;
    const task = this.#tasks.find((one) => one.provider === provider && recordedId(one.id) === id);
    const name = task?.name ?? 'nobody';
    const kind: string = faults.pick(`${name}, read ${this.#next(`${name} read`)}`, 'tells', {
      'says 500': 0.03,
      'says 404': 0.01,
      'takes 15 s': 0.02,
      'tells, with another id': 0.03,
    });
    return {
      arrivesAfter: 20,
      answersAfter: kind === 'takes 15 s' ? 15_000 : 100,
      act: () => {
        if (!this.keys.has(key)) return { status: 401, text: errorText('unauthorized', 'No.') };
        return this.#answerToRead(task, kind);
      },
    };
  }

  #answerToRead(task: ProviderTask | undefined, kind: string) {
    const { clock, truth } = this.#dependencies;
    const isForgotten = !task || clock.now - task.createdAt > FORGOTTEN_MS;
    if (isForgotten) return { status: 404, text: errorText('task_not_found', 'Which?') };
    const { endedAt, reads } = truth.of(task.name);
    const isTold = kind.startsWith('tells');
    if (endedAt !== undefined) reads[isTold ? 'told' : 'failed'] += 1;
    if (kind === 'says 404') return { status: 404, text: errorText('task_not_found', 'Which?') };
    if (!isTold) return { status: 500, text: '' };
    const text = this.#report(task, kind === 'tells, with another id' ? 'job-77' : task.id);
    return { status: 200, text };
  }

  /** What the provider says of a task now. */
  #report(task: ProviderTask, id = task.id): string {
    const status = this.#statusOf(task);
    const text = reportText(task.provider, { ...this.#spoken(task, status), id });
    this.said.set(text, { task: task.name, status: endOf(status), isDoubtful: false });
    return text;
  }

  #statusOf({ name, plan }: ProviderTask): Status {
    const { clock, truth } = this.#dependencies;
    const { endedAt } = truth.of(name);
    if (endedAt === undefined) return 'processing';
    const [first = '', second = first] = plan.end.split(', then ');
    return (clock.now - endedAt < CHANGES_ITS_MIND_MS ? first : second) as Status;
  }

  #spoken({ name, id, plan }: ProviderTask, status: Status): Spoken {
    const urls = plan.images.map((kind, index) => imageUrl(name, index, kind));
    return { id, status, urls: status === 'completed' ? urls : [] };
  }

  #callBack(task: ProviderTask): void {
    const { clock } = this.#dependencies;
    const { plan } = task;
    const statuses = plan.end.split(', then ') as Status[];
    const times = { none: [], one: [0], two: [0, 3000], 'three at once': [0, 0, 0] }[plan.callbacks];
    for (const ms of times) {
      for (const [nth, status] of statuses.entries()) {
        clock.after(plan.callbackDelayMs + ms + 2 * nth, () => this.#post(task, status, RETRIES_MS));
      }
    }
  }

  #post(task: ProviderTask, status: Status, [pause, ...later]: readonly number[]): void {
    const { clock, callBack } = this.#dependencies;
    const { plan, name } = task;
    const body = callbackText(plan.callbackBody, this.#spoken(task, status));
    const isUsable = plan.callbackBody !== 'no JSON' && Buffer.byteLength(body) <= MOST_BYTES;
    const isEmpty =
      status === 'completed' && (plan.callbackBody === 'without results' || plan.images.length === 0);
    const answered = callBack(task.callbackUrl!, body, {
      task: name,
      status: isUsable && !isEmpty ? endOf(status) : undefined,
      isDoubtful: plan.callbackBody === 'with another id',
    });
    if (answered < 300 || pause === undefined) return;
    clock.after(pause, () => this.#post(task, status, later));
  }

  #next(what: string): number {
    const nth = (this.#asked.get(what) ?? 0) + 1;
    this.#asked.set(what, nth);
    return nth;
  }
}

const endOf = (status: Status): 'completed' | 'failed' | undefined =>
  status === 'processing' ? undefined : status === 'completed' ? 'completed' : 'failed';

const errorText = (code: string, message: string): string =>
  JSON.stringify({ error: { code, message, type: 'invalid_request_error' } });

/** The task's name in the simulation is its prompt's first word. */
function requestIn(body: string): { name: string; callbackUrl: string | undefined } {
  const { prompt, input, callback_url } = JSON.parse(body);
  return { name: String(prompt ?? input.prompt).split(' ')[0]!, callbackUrl: callback_url };
}
