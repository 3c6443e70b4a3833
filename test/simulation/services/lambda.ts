/**
 * Lambda: instances of a function, each with one invocation at a time, a time-out, and a death that takes everything
 * with it that was not yet outside.
 */
import type { Clock, Scheduled } from '../clock.ts';

/** One running copy of a function; what it has remembered dies with it. */
export interface Instance {
  readonly functionName: string;
  isAlive: boolean;
  /** Of the present invocation: `submit 3`. */
  invocation: string;
  /** How many requests the present invocation has made. */
  requests: number;
  /** Ends the invocation as a crash would. */
  crash: () => void;
}

export class Crashed extends Error {
  override readonly name = 'Crashed';
}

export type Handler<Event, Result> = (event: Event, signal: AbortSignal) => Promise<Result>;

export interface LambdaSettings<Event, Result> {
  readonly name: string;
  readonly timeoutSeconds: number;
  /** How long before its end an invocation is told of it. */
  readonly warningMs?: number;
  /** Starts the function in a new instance. */
  readonly start: (instance: Instance) => Handler<Event, Result>;
}

/** middy does so that long before. */
const USUAL_WARNING_MS = 5;

export class Lambda<Event, Result> {
  readonly #clock: Clock;
  readonly #settings: LambdaSettings<Event, Result>;
  #idle: { instance: Instance; handler: Handler<Event, Result> }[] = [];
  #count = 0;
  #deployment = 1;

  constructor(clock: Clock, settings: LambdaSettings<Event, Result>) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** @throws Crashed, also for a time-out; or what the function throws */
  async invoke(event: Event): Promise<Result> {
    const deployment = this.#deployment;
    const running = this.#idle.pop() ?? this.#start();
    const { instance, handler } = running;
    instance.invocation = `${this.#settings.name} ${++this.#count}`;
    instance.requests = 0;
    const warning = new AbortController();
    const limits = this.#limits(instance, warning);
    try {
      const result = await new Promise<Result>((resolve, reject) => {
        instance.crash = () => {
          instance.isAlive = false;
          reject(new Crashed(`${instance.invocation} died`));
        };
        handler(event, warning.signal).then(resolve, reject);
      });
      return result;
    } finally {
      for (const limit of limits) limit.run = undefined;
      if (instance.isAlive && deployment === this.#deployment) this.#idle.push(running);
    }
  }

  /** A deployment: who works goes on, but every later invocation gets a new instance. */
  restart(): void {
    this.#idle = [];
    this.#deployment += 1;
  }

  #start() {
    const { name, start } = this.#settings;
    const instance: Instance = {
      functionName: name,
      isAlive: true,
      invocation: '',
      requests: 0,
      crash: () => undefined,
    };
    return { instance, handler: start(instance) };
  }

  #limits(instance: Instance, warning: AbortController): Scheduled[] {
    const { timeoutSeconds, warningMs = USUAL_WARNING_MS } = this.#settings;
    const ms = timeoutSeconds * 1000;
    return [
      this.#clock.after(ms - warningMs, () => warning.abort()),
      this.#clock.after(ms, () => instance.crash()),
    ];
  }
}
