/**
 * Scheduled rules: each invokes its functions once a period, counted from when the cloud started. The invocations are
 * asynchronous: Lambda tries twice more, after one and after two more minutes (Lambda developer guide, "Asynchronous
 * invocation").
 */
import { randomUUID } from 'node:crypto';
import type { AccessControl } from '../iam/access-control.ts';
import type { InvocationResult } from '../lambda/local-function.ts';
import type { LogListener } from '../lambda/logs.ts';
import type { FunctionError } from '../lambda/sandbox.ts';
import type { TargetInput } from './target-input.ts';

export interface ScheduledRule {
  readonly name: string;
  readonly arn: string;
  readonly periodMs: number;
  readonly isEnabled: boolean;
  readonly targets: readonly ScheduleTarget[];
}

export interface ScheduleTarget {
  readonly function: InvokedFunction;
  readonly input: TargetInput;
}

/** What of a function a schedule needs. */
export interface InvokedFunction {
  readonly settings: { readonly arn: string };
  invoke(payload: string, caller: string): Promise<InvocationResult>;
}

interface ScheduleDependencies {
  readonly account: string;
  readonly region: string;
  readonly access: Pick<AccessControl, 'authorize'>;
  /** Gets a line for each invocation that is given up. */
  readonly log: LogListener;
}

const CALLER = 'EventBridge';
const RETRY_MS = [60_000, 120_000];
/** setTimeout's longest wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Schedules {
  readonly #dependencies: ScheduleDependencies;
  readonly #rules: ScheduledRule[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(dependencies: ScheduleDependencies) {
    this.#dependencies = dependencies;
  }

  add(rule: ScheduledRule): void {
    this.#rules.push(rule);
  }

  all(): readonly ScheduledRule[] {
    return this.#rules;
  }

  /** The cloud has booted. */
  start(): void {
    for (const rule of this.#rules.filter(({ isEnabled }) => isEnabled)) {
      const due = Date.now() + rule.periodMs;
      this.#at(due, () => this.#runAgain(rule, due));
    }
  }

  /** The cloud ends. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Invokes the rule's functions now, each once. */
  runOnce(rule: ScheduledRule): Promise<InvocationResult[]> {
    const event = this.#event(rule);
    return Promise.all(rule.targets.map((target) => this.#try(rule, target, event)));
  }

  #runAgain(rule: ScheduledRule, due: number): void {
    const event = this.#event(rule);
    for (const target of rule.targets) void this.#invoke(rule, target, event);
    this.#at(due + rule.periodMs, () => this.#runAgain(rule, due + rule.periodMs));
  }

  async #invoke(rule: ScheduledRule, target: ScheduleTarget, event: object): Promise<void> {
    let result = await this.#try(rule, target, event);
    for (const ms of RETRY_MS) {
      if (!('error' in result) || this.#stopped) return;
      await new Promise<void>((resolve) => this.#at(Date.now() + ms, resolve));
      result = await this.#try(rule, target, event);
    }
    if ('error' in result) this.#gaveUp(rule, target, result.error);
  }

  async #try(
    { arn: sourceArn }: ScheduledRule,
    { function: fn, input }: ScheduleTarget,
    event: object,
  ): Promise<InvocationResult> {
    try {
      const { account, access } = this.#dependencies;
      const resource = fn.settings.arn;
      const rule = { kind: 'service', name: 'events.amazonaws.com', sourceArn, account } as const;
      access.authorize(rule, [{ action: 'lambda:InvokeFunction', resource }]);
      return await fn.invoke(input(event), CALLER);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { requestId: '', error: { errorType: name, errorMessage: message } };
    }
  }

  #event({ arn }: ScheduledRule): object {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: this.#dependencies.account,
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      region: this.#dependencies.region,
      resources: [arn],
      detail: {},
    };
  }

  /** Calls back then; a cloud that has nothing else to do is not kept alive for it. */
  #at(due: number, callback: () => void): void {
    const left = Math.max(due - Date.now(), 0);
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        if (left > LONGEST_TIMER_MS) this.#at(due, callback);
        else callback();
      },
      Math.min(left, LONGEST_TIMER_MS),
    ).unref();
    this.#timers.add(timer);
  }

  #gaveUp({ name }: ScheduledRule, target: ScheduleTarget, { errorMessage }: FunctionError): void {
    const text = `the scheduled rule ${name} could not invoke ${target.function.settings.arn}: ${errorMessage}`;
    this.#dependencies.log({
      time: Date.now(),
      functionName: CALLER,
      requestId: undefined,
      source: 'platform',
      text,
    });
  }
}
