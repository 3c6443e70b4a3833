/**
 * An event source mapping from a table's stream: batches in order, each tried until it succeeds or is discarded.
 *
 *   written ─► reader ─► filter ─► lane (by key) ─► batch ─► function ─┬─ success: position moves on
 *                                                                      ├─ failure: again from the first failed record
 *                                                                      └─ too often, too old: on-failure queue
 */

import { createHash } from 'node:crypto';
import type { Activity } from '../activity.ts';
import type { StreamReader, StreamRecord } from '../dynamodb/stream-reader.ts';
import type { Pattern } from '../eventbridge/pattern.ts';
import { StreamLane, type StreamLaneSettings } from './stream-lane.ts';
import type { StreamPositions } from './stream-positions.ts';

export interface StreamMappingSettings extends StreamLaneSettings {
  /** The mapping's logical id, under which its position is kept. */
  readonly id: string;
  readonly reader: StreamReader;
  readonly windowSeconds: number;
  /** Batches at a time (ParallelizationFactor): records of one key stay in order. */
  readonly lanes: number;
  readonly filters: readonly Pattern[];
}

/** Writes are announced; this is for one that was not, by a process that writes to the server directly. */
const SAFETY_POLL_MS = 2_000;
/** Records that may wait in the lanes before reading pauses. */
const MOST_WAITING = 5_000;

export class StreamMapping {
  readonly #settings: StreamMappingSettings;
  readonly #positions: StreamPositions;
  readonly #activity: Activity;
  readonly #lanes: StreamLane[];
  /** Records read and not all settled, oldest first; the position kept is the one before the first. */
  #pending: StreamRecord[] = [];
  readonly #settled = new Set<StreamRecord>();
  #reading = false;
  #again = false;
  #running = false;
  #poll: NodeJS.Timeout | undefined;

  constructor(settings: StreamMappingSettings, positions: StreamPositions, activity: Activity) {
    this.#settings = settings;
    this.#positions = positions;
    this.#activity = activity;
    const settle = (records: readonly StreamRecord[]): void => this.#settle(records);
    this.#lanes = Array.from({ length: settings.lanes }, () => new StreamLane(settings, activity, settle));
  }

  start(): void {
    this.#running = true;
    this.#poll = setInterval(() => this.poll(), SAFETY_POLL_MS).unref();
    this.poll();
  }

  stop(): void {
    this.#running = false;
    clearInterval(this.#poll);
    for (const lane of this.#lanes) lane.stop();
  }

  /** Something may have been written: reads the stream now, or once more when it is being read. */
  poll(): void {
    if (!this.#running) return;
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    const done = this.#activity.begin();
    void this.#read().finally(done);
  }

  async #read(): Promise<void> {
    while (this.#again && this.#running && this.#pending.length < MOST_WAITING) {
      this.#again = false;
      try {
        const records = await this.#settings.reader.read();
        if (records.length > 0) this.#again = true;
        this.#distribute(records);
      } catch {
        // The next write or the safety poll reads again from the same position.
        break;
      }
    }
    // Here and not after the promise has settled: a write announced in between would be missed.
    this.#reading = false;
  }

  #distribute(records: readonly StreamRecord[]): void {
    const { filters } = this.#settings;
    const wanted = new Set(
      records.filter((record) => filters.length === 0 || filters.some((matches) => matches(record))),
    );
    this.#pending.push(...records);
    this.#settle(records.filter((record) => !wanted.has(record)));
    for (const record of wanted) this.#laneOf(record).add(record);
  }

  #laneOf(record: StreamRecord): StreamLane {
    if (this.#lanes.length === 1) return this.#lanes[0] as StreamLane;
    const digest = createHash('md5').update(JSON.stringify(record.dynamodb.Keys)).digest();
    return this.#lanes[digest.readUInt32BE() % this.#lanes.length] as StreamLane;
  }

  /** Notes records as processed or discarded, and keeps the position up to which all are. */
  #settle(records: readonly StreamRecord[]): void {
    if (records.length === 0) return;
    for (const record of records) this.#settled.add(record);
    const unsettled = this.#pending.findIndex((record) => !this.#settled.has(record));
    const finished = this.#pending.splice(0, unsettled === -1 ? this.#pending.length : unsettled);
    for (const record of finished) this.#settled.delete(record);
    const last = finished.at(-1);
    if (last) this.#positions.keep(this.#settings.id, last.dynamodb.SequenceNumber);
    if (this.#again) this.poll();
  }
}
