/**
 * Tumbling windows of one shard (Lambda developer guide, "Implementing stateful DynamoDB stream processing"): each batch
 * is of one window and carries the state that the batch before it returned; an empty final invocation ends the window.
 *
 *   records of   17:00 ─► batch {state: {}} ─► batch {state: …} ─► final invocation ─┐
 *   records of   17:05                                                               └─► batch {state: {}} ─► …
 */

import type { StreamRecord } from '../dynamodb/stream-reader.ts';
import type { InvocationResult } from './local-function.ts';

export interface TumblingWindowSettings {
  /** The length of a window; windows begin at multiples of it. */
  readonly seconds: number;
  readonly shardId: () => string;
  readonly streamArn: string;
}

interface OpenWindow {
  /** Seconds since 1970. */
  readonly start: number;
  state: unknown;
}

/** Of a shard; a larger state ends its window early. */
const MAX_STATE_BYTES = 2 ** 20;
/** Lambda waits for up to two minutes after a window's end for records that come late. */
const PATIENCE_MS = 1_000;

export class TumblingWindow {
  readonly #settings: TumblingWindowSettings;
  #open: OpenWindow | undefined;

  constructor(settings: TumblingWindowSettings) {
    this.#settings = settings;
  }

  /** How many of the records, from the first on, are of one window. */
  fitting(records: readonly StreamRecord[]): number {
    const [first] = records;
    const end = records.findIndex((record) => this.#startOf(record) !== this.#startOf(first!));
    return end === -1 ? records.length : end;
  }

  /** Whether another window than that of these records has to end first. */
  endsBefore(records: readonly StreamRecord[]): boolean {
    return this.#open !== undefined && this.#open.start !== this.#startOf(records[0]!);
  }

  /** How long the open window may still get records; nothing when none is open. */
  msLeft(now: number): number | undefined {
    if (!this.#open) return undefined;
    return Math.max(0, (this.#open.start + this.#settings.seconds) * 1000 + PATIENCE_MS - now);
  }

  /** The event of a batch, whose window is open from now on. */
  event(records: readonly StreamRecord[]): object {
    this.#open ??= { start: this.#startOf(records[0]!), state: {} };
    return this.#event(records, { isFinalInvokeForWindow: false, isWindowTerminatedEarly: false });
  }

  /** The event of the invocation that ends the open window. */
  finalEvent(): object {
    const isWindowTerminatedEarly = this.isTooLarge();
    return this.#event([], { isFinalInvokeForWindow: true, isWindowTerminatedEarly });
  }

  /**
   * Keeps the state that an invocation returned.
   * @returns false when it returned none, which makes the invocation a failed one
   */
  keepState(result: InvocationResult): boolean {
    if ('error' in result) return false;
    const response: unknown = JSON.parse(result.payload);
    const state = response !== null && typeof response === 'object' && 'state' in response && response.state;
    if (!state || typeof state !== 'object') return false;
    if (this.#open) this.#open.state = state;
    return true;
  }

  isTooLarge(): boolean {
    return Buffer.byteLength(JSON.stringify(this.#open?.state ?? {})) > MAX_STATE_BYTES;
  }

  close(): void {
    this.#open = undefined;
  }

  #startOf({ dynamodb }: StreamRecord): number {
    const { seconds } = this.#settings;
    return Math.floor(dynamodb.ApproximateCreationDateTime / seconds) * seconds;
  }

  #event(Records: readonly StreamRecord[], flags: object): object {
    const { seconds, shardId, streamArn } = this.#settings;
    const { start, state } = this.#open!;
    const window = { start: isoTime(start), end: isoTime(start + seconds) };
    return { Records, window, state, shardId: shardId(), eventSourceARN: streamArn, ...flags };
  }
}

/** As in AWS's example: whole seconds, in UTC. */
const isoTime = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
