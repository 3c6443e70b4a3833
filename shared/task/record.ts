/** The record: what the tasks table holds of one task. Names are the table's own, so that a person can read it there. */
import type { Json } from '../runtime/json.ts';

export type OpenStatus = 'pending' | 'processing';
export type EndStatus = 'completed' | 'failed';
export type Status = OpenStatus | EndStatus;

/**
 * What we know of the create.
 * - `unconfirmed`: the provider may or may not have the task; never created again.
 * - `accepted`: the provider's id is known.
 * - `refused`: certainly nothing was created. Final when the status is `failed`; may be tried again while `pending`.
 */
export type Submission = 'unconfirmed' | 'accepted' | 'refused';

export interface TaskError {
  readonly code: string;
  readonly message: string;
  readonly type: string;
}

/** An image in our bucket. `index` is its place among the provider's results. */
export interface KeptImage {
  readonly index: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly content_type: string;
  readonly sha256: string;
  readonly bucket: string;
  readonly key: string;
  /** Set when the file does not reach its own end: that is how its host delivered it, again and again. */
  readonly truncated?: true;
}

export type LossReason =
  | 'gone'
  | 'not_an_image'
  /** It ends before its size is known, again and again. */
  | 'cut_short'
  /** A raster image of a kind that we cannot measure; `format` names it. */
  | 'unsupported_format'
  /** Its host applied a content encoding that we cannot undo; `encoding` names it. */
  | 'unsupported_encoding'
  | 'forbidden_address'
  | 'too_large'
  | 'too_many_results'
  /** Its host did not deliver it for as long as its link worked. */
  | 'unavailable'
  /** It could have been had, but our own archive did not keep it before its link was dead. */
  | 'not_kept_in_time';

/** An image that is kept while another one of its task is not. */
export interface UnfinishedImage extends KeptImage {
  /** Tells whether a later report names the same address: a hash of it. */
  readonly source: string;
}

/** An image that the provider named and that cannot be had any more. */
export interface LostImage {
  readonly index: number;
  readonly reason: LossReason;
  readonly format?: string;
  readonly encoding?: string;
}

/** The error of a task that the provider completed and of which no image can be had. */
export const RESULTS_LOST = 'results_lost';

/** The output in the provider's order; an image is named by its index. */
export type OutputItem =
  | { readonly type: 'image'; readonly index: number }
  | {
      readonly type: 'text';
      readonly text: string;
      /** Set when the text was cut to fit into the record (docs/decisions/size-budgets.md). */
      readonly truncated?: true;
    };

/** What the record holds of the webhook to its `callback_url` (functions/deliver/deliver.ts). */
export interface WebhookState {
  readonly status: 'pending' | 'delivered' | 'failed';
  /** Attempts so far, of all runs. */
  readonly attempts: number;
  /** The series of attempts that counts: empty for the one that the outcome began, else a redelivery's. */
  readonly run: string;
  /** Attempts of this run. */
  readonly step: number;
  /** Which of the messages for the next attempt counts. */
  readonly link?: string;
  readonly last_status?: number;
  readonly last_error?: string;
  /** Seconds since 1970. */
  readonly last_attempt?: number;
  readonly next_attempt?: number;
}

export const noAttemptYet: WebhookState = { status: 'pending', attempts: 0, run: '', step: 0 };

/** What a request asks for, which a provider may charge in advance. */
export interface Asked {
  readonly images: number;
  /** Millionths of the currency; absent, with it, when the model has no known price. */
  readonly amount?: number;
  readonly currency?: string;
}

/** The counters that hold what was asked, until the task is settled or nothing was created of it. */
export interface Reservation {
  /** The attempt that reserved. */
  readonly attempt: string;
  /** `2026-11-24`, in UTC: whatever day the task ends, it is settled here. */
  readonly day: string;
  /** Set when the owner's month holds it. */
  readonly budget?: true;
  /** The key whose images in work hold it, if any: the one that asked last. */
  readonly running?: string;
}

/**
 * Where a charge comes from.
 * - `provider`: it reported the figure; without an amount, nothing but what it made.
 * - `prices`: the operator's price for what it made.
 * - `reserved`: assumed, because nobody knows what came of the task and it was charged in advance.
 * - `none`: nothing was made, so nothing is charged.
 */
export type ChargeSource = 'provider' | 'prices' | 'reserved' | 'none';

/** What a task cost. */
export interface Charge {
  /** That the provider made, also those that were lost. */
  readonly images: number;
  /** Millionths of the currency; absent when it is not known. */
  readonly amount?: number;
  readonly currency?: string;
  readonly source: ChargeSource;
  /** The day whose budget counters hold it; absent when none do. */
  readonly budget_day?: string;
}

/** The shape of the records that are written now. It grows by one when what reads the records of before must change. */
export const SCHEMA_VERSION = 1;

export interface TaskRecord {
  readonly id: string;
  /** {@link SCHEMA_VERSION} of the code that created the record; absent in those from before records had one. */
  readonly schema_version?: number;
  readonly owner: string;
  readonly key_id: string;
  /** Sorts an owner's tasks by time; see {@link createdId}. */
  readonly created_id: string;
  /** Seconds since 1970, as everywhere in the API. */
  readonly created: number;
  /** When the table may forget the record; seconds since 1970. */
  readonly expires_at: number;
  readonly model: string;
  readonly provider: string;
  readonly submission: Submission;
  /** Names the attempt that may create the task: who wrote this has the lock, also if the write's answer was lost. */
  readonly attempt?: string;
  readonly status: Status;
  readonly progress: number;
  readonly prompt: string;
  /** SHA-256 of the request, to tell a replay from another request with the same key. */
  readonly request_hash: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly callback_url?: string;
  /** How far its webhook is; absent before the first attempt, and without a `callback_url`. */
  readonly webhook?: WebhookState;
  /** Absent in records that are older than it. */
  readonly asked?: Asked;
  /** There while counters hold what was asked; never without a budget or a limit on images at once. */
  readonly reservation?: Reservation;
  /** There from the end on. */
  readonly charge?: Charge;
  readonly provider_task_id?: string;
  readonly estimated_time?: number;
  /** The usage that the provider reported at the create, and the one at the end; `{omitted_bytes}` when it was too large. */
  readonly reserved?: Json;
  readonly usage?: Json;
  readonly completed?: number;
  readonly images?: readonly KeptImage[];
  readonly lost?: readonly LostImage[];
  readonly output?: readonly OutputItem[];
  readonly error?: TaskError;
  /** The chain of timers that counts for this task (functions/check/check-timers.ts). */
  readonly timer_chain?: string;
  /** Since when an outcome is known that could not be recorded at once; seconds since 1970. Absent when it could. */
  readonly reported_at?: number;
  /** When the word that ended the task was in our queue; milliseconds since 1970. Absent when we ended it ourselves. */
  readonly heard_ms?: number;
  /** Since when the archive has refused this task's images; seconds since 1970. Absent when it never did. */
  readonly archive_fault?: number;
  /** What is in the bucket of an outcome that is not recorded yet; absent once it is. */
  readonly kept_images?: readonly UnfinishedImage[];
  /** The images of that outcome that were gone at their hosts when these were first asked, by their sources. */
  readonly gone_images?: readonly string[];
  /** There between two writes of the redrive command only, to have the record's event republished. */
  readonly republish?: string;
}

/** How a task ended: what one conditional write adds to its record. */
export interface Outcome {
  readonly status: EndStatus;
  readonly completed: number;
  readonly images: readonly KeptImage[];
  readonly lost: readonly LostImage[];
  readonly output: readonly OutputItem[];
  readonly error?: TaskError | undefined;
  readonly usage?: Json | undefined;
  readonly charge: Charge;
  readonly provider_task_id: string;
  readonly heard_ms?: number | undefined;
}

/** What an attempt to record an outcome leaves for the next one: the attributes that it changes. */
export type Unfinished = Pick<TaskRecord, 'reported_at' | 'archive_fault' | 'kept_images' | 'gone_images'>;

/** The index's sort key: time in milliseconds first, then the id, because an id made from an `Idempotency-Key` holds no time. */
export const createdId = (createdMs: number, id: string): string => `${createdMoment(createdMs)}#${id}`;

/** How a `created_id` begins: no task of an earlier moment sorts behind it, none of this or a later one before it. */
export const createdMoment = (ms: number): string => String(ms).padStart(15, '0');

export const hasEnded = (status: Status): status is EndStatus =>
  status === 'completed' || status === 'failed';
