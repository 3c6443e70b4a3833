/** One function: its sandboxes, and which invocation gets the next free one. */

import { randomUUID } from 'node:crypto';
import type { Activity } from '../activity.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { MetricStore } from '../cloudwatch/metric-store.ts';
import type { Principal } from '../iam/principal.ts';
import { type LogListener, reportText } from './logs.ts';
import { type FunctionError, Sandbox, type SandboxOutcome } from './sandbox.ts';

export interface FunctionSettings {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Its role's session. */
  readonly principal: Principal;
  readonly directory: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The template's ReservedConcurrentExecutions. */
  readonly reservedConcurrency: number | undefined;
}

/** What an invocation came to; `error` is what Lambda calls an unhandled function error. */
export type InvocationResult = SandboxOutcome & { readonly requestId: string };

export interface FunctionStats {
  readonly name: string;
  readonly logicalId: string;
  readonly memoryMb: number;
  /** The most memory that any sandbox of the function ever held, in bytes. */
  readonly peakBytes: number;
  readonly coldStarts: number;
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
}

interface FunctionDependencies {
  readonly ledger: RequestLedger;
  readonly activity: Activity;
  readonly log: LogListener;
  readonly measured: MetricStore;
  /** The most sandboxes at a time; further invocations wait for one. */
  readonly concurrency: number;
}

/** Lambda's limit of an event and of a result. */
export const MAX_PAYLOAD_BYTES = 6 * 2 ** 20;

export class LocalFunction {
  readonly settings: FunctionSettings;
  readonly #dependencies: FunctionDependencies;
  readonly #sandboxes = new Set<Sandbox>();
  readonly #free: Sandbox[] = [];
  readonly #waiting: Array<(sandbox: Sandbox | FunctionError) => void> = [];
  readonly #counts = { coldStarts: 0, invocations: 0, errors: 0, throttles: 0 };
  #peakBytes = 0;
  #underWay = 0;
  #throttled = false;
  #stopped = false;

  constructor(settings: FunctionSettings, dependencies: FunctionDependencies) {
    this.settings = settings;
    this.#dependencies = dependencies;
  }

  get stats(): FunctionStats {
    const { name, logicalId, memoryMb } = this.settings;
    const peaks = [...this.#sandboxes].map((sandbox) => sandbox.peakBytes);
    return { name, logicalId, memoryMb, peakBytes: Math.max(this.#peakBytes, ...peaks), ...this.#counts };
  }

  /** Refuses all invocations, as a reserved concurrency of zero does, or takes them again. */
  throttle(on: boolean): void {
    this.#throttled = on;
  }

  get throttled(): boolean {
    return this.#throttled;
  }

  /** Notes one of Lambda's own metrics of the function. */
  measure(name: 'Errors' | 'Invocations' | 'IteratorAge' | 'Throttles', value: number): void {
    const dimensions = { FunctionName: this.settings.name };
    this.#dependencies.measured.record({ namespace: 'AWS/Lambda', name, dimensions }, value);
  }

  /** Kills all sandboxes; what they are doing fails as after a crash. */
  kill(): void {
    for (const sandbox of this.#sandboxes) sandbox.kill();
  }

  stop(): void {
    this.#stopped = true;
    this.kill();
    const ended = { errorType: 'Runtime.ExitError', errorMessage: 'the local cloud has been stopped' };
    for (const receive of this.#waiting.splice(0)) receive(ended);
  }

  /**
   * Invokes the function with an event's JSON; waits for a sandbox when all are busy.
   * @throws AwsError RequestTooLargeException (413) for more than 6 MB, TooManyRequestsException (429) when throttled.
   */
  async invoke(payload: string, caller: string): Promise<InvocationResult> {
    const done = this.#dependencies.activity.begin();
    try {
      return await this.#dependencies.ledger.run(
        { service: 'Lambda', operation: 'Invoke', caller, body: payload, path: this.settings.name },
        () => this.#admit(payload),
      );
    } finally {
      done();
    }
  }

  async #admit(payload: string): Promise<InvocationResult> {
    if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
      throw new AwsError(
        'RequestTooLargeException',
        `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes`,
        { status: 413 },
      );
    }
    const reserved = this.#throttled ? 0 : (this.settings.reservedConcurrency ?? Number.POSITIVE_INFINITY);
    if (this.#underWay >= reserved) {
      this.#counts.throttles += 1;
      this.measure('Throttles', 1);
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', { status: 429 });
    }
    this.#underWay += 1;
    try {
      const result = await this.#run(payload);
      this.measure('Invocations', 1);
      this.measure('Errors', 'error' in result ? 1 : 0);
      return result;
    } finally {
      this.#underWay -= 1;
    }
  }

  async #run(payload: string): Promise<InvocationResult> {
    const requestId = randomUUID();
    this.#counts.invocations += 1;
    const sandbox = await this.#sandbox();
    if (!(sandbox instanceof Sandbox)) {
      this.#counts.errors += 1;
      return { requestId, error: sandbox };
    }
    this.#logPlatform(requestId, `START RequestId: ${requestId} Version: $LATEST`);
    const startedAt = performance.now();
    const { timeoutSeconds, arn: functionArn } = this.settings;
    const outcome = await sandbox.invoke({ requestId, payload, timeoutSeconds, functionArn });
    this.#release(sandbox);
    this.#report(requestId, sandbox, performance.now() - startedAt, outcome);
    return { requestId, ...outcome };
  }

  /** A free sandbox: a warm one, or a new one if there may be one more, or the next that becomes free. */
  #sandbox(): Promise<Sandbox | FunctionError> {
    const warm = this.#free.pop();
    if (warm?.alive) return Promise.resolve(warm);
    if (warm) return this.#sandbox();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#sandboxes.size < this.#dependencies.concurrency && !this.#stopped) void this.#start();
    });
  }

  async #start(): Promise<void> {
    const { directory, memoryMb, environment } = this.settings;
    const sandbox = new Sandbox({ directory, memoryMb, environment }, (source, text, requestId) =>
      this.#print(source, text, requestId),
    );
    this.#counts.coldStarts += 1;
    this.#sandboxes.add(sandbox);
    sandbox.onEnd = () => this.#forget(sandbox);
    const error = await sandbox.load();
    if (!error) {
      this.#release(sandbox);
      return;
    }
    this.#logPlatform(
      undefined,
      `INIT_REPORT Status: error Error Type: ${error.errorType} ${error.errorMessage}`,
    );
    this.#waiting.shift()?.(error);
    this.#replace();
  }

  #release(sandbox: Sandbox): void {
    if (!sandbox.alive) {
      this.#replace();
      return;
    }
    const next = this.#waiting.shift();
    if (next) next(sandbox);
    else this.#free.push(sandbox);
  }

  /** Starts a sandbox in place of one that has ended, when an invocation waits for it. */
  #replace(): void {
    if (this.#waiting.length > 0 && !this.#stopped) void this.#start();
  }

  #forget(sandbox: Sandbox): void {
    this.#peakBytes = Math.max(this.#peakBytes, sandbox.peakBytes);
    this.#sandboxes.delete(sandbox);
  }

  #report(requestId: string, sandbox: Sandbox, durationMs: number, outcome: SandboxOutcome): void {
    if ('error' in outcome) {
      this.#counts.errors += 1;
      const { errorType, errorMessage, trace } = outcome.error;
      this.#logPlatform(
        requestId,
        `ERROR ${errorType}: ${errorMessage}${trace?.length ? `\n${trace.join('\n')}` : ''}`,
      );
    }
    const initMs = sandbox.initMs || undefined;
    sandbox.initMs = 0;
    const { memoryMb } = this.settings;
    this.#logPlatform(
      requestId,
      reportText({ requestId, durationMs, memoryMb, peakBytes: sandbox.peakBytes, initMs }),
    );
  }

  #print(source: 'stdout' | 'stderr', text: string, requestId: string | undefined): void {
    for (const line of text.replace(/\n$/, '').split('\n')) {
      this.#dependencies.log({
        time: Date.now(),
        functionName: this.settings.name,
        requestId,
        source,
        text: line,
      });
    }
  }

  #logPlatform(requestId: string | undefined, text: string): void {
    this.#dependencies.log({
      time: Date.now(),
      functionName: this.settings.name,
      requestId,
      source: 'platform',
      text,
    });
  }
}
