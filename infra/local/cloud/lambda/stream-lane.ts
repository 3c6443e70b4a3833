/** One lane of a stream mapping: a single batch at a time, tried again until it succeeds or is discarded. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity } from '../activity.ts';
import type { StreamRecord } from '../dynamodb/stream-reader.ts';
import { failuresOf } from './batch-response.ts';
import type { InvocationResult, LocalFunction } from './local-function.ts';

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
  #waiting: StreamRecord[] = [];
  #running = false;

  /** `settle` is called with records that were processed or discarded. */
  constructor(
    settings: StreamLaneSettings,
    activity: Activity,
    settle: (records: readonly StreamRecord[]) => void,
  ) {
    this.#settings = settings;
    this.#activity = activity;
    this.#settle = settle;
  }

  add(record: StreamRecord): void {
    this.#waiting.push(record);
    if (this.#running) return;
    this.#running = true;
    const done = this.#activity.begin();
    void this.#work().finally(done);
  }

  stop(): void {
    this.#stopping.abort();
    this.#waiting = [];
  }

  async #work(): Promise<void> {
    // Lets the records of the same read come together first.
    await undefined;
    const { windowSeconds, batchSize } = this.#settings;
    if (windowSeconds > 0 && this.#waiting.length < batchSize) await this.#pause(windowSeconds * 1000);
    while (this.#waiting.length > 0 && !this.#stopping.signal.aborted) {
      await this.#process(this.#nextBatch());
    }
    // Here and not after the promise has settled: a record added in between would be left waiting.
    this.#running = false;
  }

  /** As many records as a batch may have, and an invocation can carry. */
  #nextBatch(): StreamRecord[] {
    let room = BATCH_BYTES;
    const fitting = this.#waiting.findIndex((record, index) => {
      room -= Number(record.dynamodb.SizeBytes ?? 0);
      return index > 0 && room < 0;
    });
    const most = fitting === -1 ? this.#waiting.length : fitting;
    return this.#waiting.splice(0, Math.min(most, this.#settings.batchSize));
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
    const { target, reportsItems, maximumRetries } = this.#settings;
    const result = await target
      .invoke(JSON.stringify({ Records: records }), 'DynamoDBStreams')
      .catch(() => undefined);
    if (this.#stopping.signal.aborted) return [];
    const identifiers = new Set(records.map((record) => record.dynamodb.SequenceNumber));
    const failed = result ? failuresOf(result, reportsItems, identifiers) : 'all';
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
    await this.#pause(Math.min(FIRST_PAUSE_MS * 2 ** attempts, LONGEST_PAUSE_MS));
    return this.#split(left, made, failed === 'all' && result !== undefined);
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

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
  }
}
