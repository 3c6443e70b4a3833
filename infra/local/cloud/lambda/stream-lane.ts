/** One lane of a stream mapping: a single batch at a time, tried again until it succeeds or is discarded. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity } from '../activity.ts';
import type { StreamRecord } from '../dynamodb/stream-reader.ts';
import { failuresOf } from './batch-response.ts';
import type { InvocationResult, LocalFunction } from './local-function.ts';
import { TumblingWindow, type TumblingWindowSettings } from './tumbling-window.ts';

export interface StreamLaneSettings {
  readonly target: LocalFunction;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsItems: boolean;
  /** Splits a batch that failed as a whole in two. */
  readonly bisects: boolean;
  /** -1: without end. */
  readonly maximumRetries: number;
  /** -1: without end. */
  readonly maximumAgeSeconds: number;
  /** Without it invocations have no state. */
  readonly tumbling: TumblingWindowSettings | undefined;
  /** Sends the invocation record of a batch that is discarded. */
  readonly onDiscarded: (batch: DiscardedBatch) => Promise<void>;
}

export interface DiscardedBatch {
  readonly records: readonly StreamRecord[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly attempts: number;
  readonly result: InvocationResult | undefined;
}

/** A part of the stream that has failed before is tried again with its count going on. */
interface Batch {
  readonly records: readonly StreamRecord[];
  readonly attempts: number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
/** Of records as the table counts them; their JSON is about twice as long, and 6 MB is an invocation's limit. */
const BATCH_BYTES = 3 * 2 ** 20;

export class StreamLane {
  readonly #settings: StreamLaneSettings;
  readonly #activity: Activity;
  readonly #settle: (records: readonly StreamRecord[]) => void;
  readonly #stopping = new AbortController();
  readonly #window: TumblingWindow | undefined;
  #waiting: StreamRecord[] = [];
  #running = false;
  #windowEnd: NodeJS.Timeout | undefined;

  /** `settle` is called with records that were processed or discarded. */
  constructor(
    settings: StreamLaneSettings,
    activity: Activity,
    settle: (records: readonly StreamRecord[]) => void,
  ) {
    this.#settings = settings;
    this.#activity = activity;
    this.#settle = settle;
    this.#window = settings.tumbling && new TumblingWindow(settings.tumbling);
  }

  add(record: StreamRecord): void {
    this.#waiting.push(record);
    this.#begin();
  }

  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#windowEnd);
    this.#waiting = [];
  }

  #begin(): void {
    if (this.#running || this.#stopping.signal.aborted) return;
    this.#running = true;
    const done = this.#activity.begin();
    void this.#work().finally(done);
  }

  async #work(): Promise<void> {
    clearTimeout(this.#windowEnd);
    // Lets the records of the same read come together first.
    await undefined;
    const { windowSeconds, batchSize } = this.#settings;
    const collects = windowSeconds > 0 && this.#waiting.length > 0 && this.#waiting.length < batchSize;
    if (collects) await this.#pause(windowSeconds * 1000);
    while (this.#waiting.length > 0 && !this.#stopping.signal.aborted) {
      if (this.#window?.endsBefore(this.#waiting)) await this.#endWindow(this.#window);
      else await this.#process(this.#nextBatch());
    }
    if (this.#window?.msLeft(Date.now()) === 0) await this.#endWindow(this.#window);
    this.#awaitWindowEnd();
    // Here and not after the promise has settled: a record added in between would be left waiting.
    this.#running = false;
    if (this.#waiting.length > 0) this.#begin();
  }

  /** A window that gets no more records ends by itself. Nobody waits for that: it is not under way. */
  #awaitWindowEnd(): void {
    const left = this.#window?.msLeft(Date.now());
    if (left === undefined || this.#stopping.signal.aborted) return;
    this.#windowEnd = setTimeout(() => this.#begin(), left).unref();
  }

  /** Invokes the function a last time for the open window; nothing else is processed until that succeeds. */
  async #endWindow(window: TumblingWindow): Promise<void> {
    for (let attempts = 0; !this.#stopping.signal.aborted; attempts++) {
      const result = await this.#invoke(window.finalEvent());
      if (result && window.keepState(result)) return window.close();
      await this.#pauseAfter(attempts);
    }
  }

  #invoke(event: object): Promise<InvocationResult | undefined> {
    return this.#settings.target.invoke(JSON.stringify(event), 'DynamoDBStreams').catch(() => undefined);
  }

  /** As many records as a batch may have, and an invocation can carry. */
  #nextBatch(): StreamRecord[] {
    let room = BATCH_BYTES;
    const fitting = this.#waiting.findIndex((record, index) => {
      room -= Number(record.dynamodb.SizeBytes ?? 0);
      return index > 0 && room < 0;
    });
    const most = fitting === -1 ? this.#waiting.length : fitting;
    const ofOneWindow = this.#window?.fitting(this.#waiting) ?? most;
    return this.#waiting.splice(0, Math.min(most, ofOneWindow, this.#settings.batchSize));
  }

  /** Processes some records, splitting and repeating until none of them is left. */
  async #process(records: readonly StreamRecord[]): Promise<void> {
    const parts: Batch[] = [{ records, attempts: 0 }];
    while (!this.#stopping.signal.aborted) {
      const batch = parts.shift();
      if (!batch) return;
      parts.unshift(...(await this.#attempt(batch)));
    }
  }

  /** Invokes the function once; answers what is left to do. */
  async #attempt({ records, attempts }: Batch): Promise<Batch[]> {
    const old = await this.#dropOld(records, attempts);
    if (old) return old;
    const { target, maximumRetries } = this.#settings;
    const newest = records.at(-1)!.dynamodb.ApproximateCreationDateTime;
    target.measure('IteratorAge', Math.max(0, Date.now() - newest * 1000));
    const result = await this.#invoke(this.#window?.event(records) ?? { Records: records });
    if (this.#stopping.signal.aborted) return [];
    const failed = result ? this.#failuresOf(result, records) : 'all';
    if (this.#window?.isTooLarge()) await this.#endWindow(this.#window);
    const first =
      failed === 'all' ? 0 : records.findIndex((record) => failed.has(record.dynamodb.SequenceNumber));
    this.#settle(first === -1 ? records : records.slice(0, first));
    if (first === -1) return [];
    const left = records.slice(first);
    // A throttled invocation is no attempt: it is repeated until it is taken or the records are too old.
    const made = attempts + (result ? 1 : 0);
    if (maximumRetries >= 0 && made > maximumRetries) {
      await this.#discard({ records: left, condition: 'RetryAttemptsExhausted', attempts: made, result });
      return [];
    }
    await this.#pauseAfter(attempts);
    return this.#split(left, made, failed === 'all' && result !== undefined);
  }

  #failuresOf(result: InvocationResult, records: readonly StreamRecord[]): ReadonlySet<string> | 'all' {
    if (this.#window && !this.#window.keepState(result)) return 'all';
    const identifiers = new Set(records.map((record) => record.dynamodb.SequenceNumber));
    return failuresOf(result, this.#settings.reportsItems, identifiers);
  }

  #split(records: readonly StreamRecord[], attempts: number, whole: boolean): Batch[] {
    if (!this.#settings.bisects || !whole || records.length < 2) return [{ records, attempts }];
    const middle = Math.ceil(records.length / 2);
    // Splitting does not use up the retries.
    const kept = Math.max(0, attempts - 1);
    return [records.slice(0, middle), records.slice(middle)].map((half) => ({
      records: half,
      attempts: kept,
    }));
  }

  /** Discards the records at the front that are too old; answers the rest, or undefined when none was. */
  async #dropOld(records: readonly StreamRecord[], attempts: number): Promise<Batch[] | undefined> {
    const { maximumAgeSeconds } = this.#settings;
    if (maximumAgeSeconds < 0) return undefined;
    const limit = Date.now() / 1000 - maximumAgeSeconds;
    const young = records.findIndex((record) => record.dynamodb.ApproximateCreationDateTime > limit);
    if (young === 0) return undefined;
    const old = young === -1 ? records : records.slice(0, young);
    await this.#discard({ records: old, condition: 'RecordAgeExceeded', attempts, result: undefined });
    return young === -1 ? [] : [{ records: records.slice(young), attempts }];
  }

  async #discard(batch: DiscardedBatch): Promise<void> {
    await this.#settings.onDiscarded(batch);
    this.#settle(batch.records);
  }

  #pauseAfter(attempts: number): Promise<void> {
    return this.#pause(Math.min(FIRST_PAUSE_MS * 2 ** attempts, LONGEST_PAUSE_MS));
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
  }
}
