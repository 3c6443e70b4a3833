/** A task as the API, the events and the webhooks show it. Times are seconds since 1970. */

export type Status = 'pending' | 'processing' | 'completed' | 'failed';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Task {
  readonly id: string;
  readonly object: 'image.generation.task';
  readonly type: 'image';
  readonly model: string;
  readonly created: number;
  /** `completed` means that the images are in the bucket of the deployment. */
  readonly status: Status;
  /** 0 to 100 */
  readonly progress: number;
  /** `estimated_time` in seconds, where the provider gave one. */
  readonly task_info: { readonly can_cancel: false; readonly estimated_time?: number };
  /**
   * Set while the provider has refused it for the time being: nothing was created and nothing is charged. The same request
   * with the same Idempotency-Key may still create it; if none comes, the task fails as `provider_busy`. Absent otherwise.
   */
  readonly not_created?: true;
  readonly prompt: string;
  /** A link for each image; it works for days, needs no key, and is made anew whenever the task is read. */
  readonly results: readonly string[];
  /** Texts and images in the provider's order; empty until the task has completed. */
  readonly output: readonly { readonly content: readonly Content[] }[];
  readonly images: readonly Image[];
  /** What the provider named and nobody can have any more; absent when nothing was lost. */
  readonly lost?: readonly LostImage[];
  /** As the provider reported it. */
  readonly usage: Json;
  /** Null until the task has ended; absent for tasks that are older than it. */
  readonly charge?: Charge | null;
  /** Why the task failed; null unless it has. */
  readonly error: TaskError | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly completed: number | null;
  /** How far the webhook to the request's `callback_url` is; absent when it had none. */
  readonly callback?: Callback;
}

/** What a task cost. */
export interface Charge {
  /** That the provider made, also those that were lost. */
  readonly images: number;
  /** Of the currency, with at most six decimals; null when it is not known. */
  readonly amount: number | null;
  /** An ISO 4217 code, or `credits`: a provider's own. */
  readonly currency: string | null;
  /**
   * `provider`: it reported the figure. `prices`: the operator's price of what was made. `reserved`: assumed, because nobody
   * knows what came of it. `none`: nothing was made.
   */
  readonly source: 'provider' | 'prices' | 'reserved' | 'none';
}

export interface TaskError {
  readonly code: string;
  readonly message: string;
  readonly type: string;
}

export interface Image {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly content_type: string;
  /** SHA-256 of the bytes, in hex. */
  readonly sha256: string;
  readonly s3: { readonly bucket: string; readonly key: string };
  /** Set when the file was cut short at its host; absent otherwise. */
  readonly truncated?: true;
}

export type Content =
  | { readonly type: 'image'; readonly url: string }
  | { readonly type: 'text'; readonly text: string; readonly truncated?: true };

/** An image that the provider named and that cannot be had any more. */
export interface LostImage {
  /** Its place among the provider's results. */
  readonly index: number;
  readonly reason:
    | 'gone'
    | 'not_an_image'
    /** It ends before its size is known, again and again. */
    | 'cut_short'
    /** `format` names it. */
    | 'unsupported_format'
    /** `encoding` names it. */
    | 'unsupported_encoding'
    | 'forbidden_address'
    | 'too_large'
    | 'too_many_results'
    /** Its host did not deliver it for as long as its link worked. */
    | 'unavailable'
    /** It could have been had, but the deployment's archive did not keep it before its link was dead. */
    | 'not_kept_in_time';
  readonly format?: string;
  readonly encoding?: string;
}

/** The webhook of a task. */
export interface Callback {
  readonly url: string;
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  /** The HTTP status of the last attempt; null when no answer came. */
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly last_attempt: number | null;
  readonly next_attempt: number | null;
}

/** One attempt to deliver a webhook. */
export interface Delivery {
  readonly object: 'webhook.delivery';
  readonly webhook_id: string;
  readonly attempt: number;
  readonly time: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly duration_ms: number;
  /** The first 1 kB of the receiver's answer. */
  readonly answer: string | null;
}

/** How a sample webhook fared. */
export interface WebhookTest {
  readonly object: 'webhook.test';
  readonly url: string;
  readonly webhook_id: string;
  readonly delivered: boolean;
  readonly status: number | null;
  readonly error: string | null;
  readonly duration_ms: number;
  /** The first 1 kB of the receiver's answer. */
  readonly answer: string | null;
}
