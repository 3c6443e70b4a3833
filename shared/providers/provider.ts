/** What every provider can be asked, and the kinds of answers there are. */
import type { Request } from '../http/request.ts';
import type { Json } from '../runtime/json.ts';
import { hasEnded, type LostImage, type OpenStatus, type TaskError } from '../task/record.ts';
import type { ProviderCost } from '../usage/charge.ts';
import type { Redaction } from './redaction.ts';

export type ContentItem =
  | { readonly type: 'image'; readonly url: string }
  | { readonly type: 'text'; readonly text: string; readonly truncated?: true };

interface AboutTask {
  readonly providerTaskId: string;
  /** Another id that the report names beside it. */
  readonly otherId?: string;
  /** 0–100 */
  readonly progress: number;
}

export interface ProgressReport extends AboutTask {
  readonly status: OpenStatus;
}

export interface CompletedReport extends AboutTask {
  readonly status: 'completed';
  /** What came out, in the provider's order. */
  readonly content: readonly ContentItem[];
  /** Images beyond the limit of a task, which are not fetched; absent when there are none. */
  readonly lost?: readonly LostImage[];
  readonly usage?: Json | undefined;
}

export interface FailedReport extends AboutTask {
  readonly status: 'failed';
  readonly error: TaskError;
  readonly usage?: Json | undefined;
}

/** What a provider says about one of its tasks, in a callback or an answer to a status read. */
export type Report = ProgressReport | CompletedReport | FailedReport;

export const isProgress = (report: Report): report is ProgressReport => !hasEnded(report.status);

/** How a create ended. All but `accepted` and `unconfirmed` are certain that nothing was created (promise 2). */
export type Created =
  | {
      readonly kind: 'accepted';
      readonly providerTaskId: string;
      readonly estimatedTime?: number | undefined;
      readonly usage?: Json | undefined;
      /** The answer, when it reports the end of the task already: to be read like one to a status read. */
      readonly outcome?: Buffer;
    }
  /** A final no. `status` is the HTTP status that the caller is given. */
  | { readonly kind: 'refused'; readonly status: number; readonly error: TaskError }
  /** A passing no: 429, or the connection never stood. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds?: number | undefined; readonly why: string }
  /** Our own key or plan was refused, which says nothing of the caller's request. */
  | { readonly kind: 'unauthorized'; readonly why: string }
  /** The provider may or may not have the task: a time-out, a 5xx, a broken answer. */
  | { readonly kind: 'unconfirmed'; readonly why: string };

/** How a status read ended. */
export type StatusRead =
  | { readonly kind: 'report'; readonly report: Report; readonly body: Buffer }
  /** The provider does not know the task (any more). */
  | { readonly kind: 'forgotten' }
  /** Not an answer this time. */
  | { readonly kind: 'unavailable'; readonly why: string };

export interface Ask {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Where a provider answers, and our key there. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** The network; the real one unless told otherwise. */
  readonly request?: Request;
}

/** How one provider is talked to: what every file beside this one that is named after a provider holds. */
export interface Driver {
  connect(endpoint: Endpoint): Provider;
  /** @returns nothing when the text is no report about a task */
  report(text: string, redaction: Redaction): Report | undefined;
  /** @returns the figure in a usage that it reported, or nothing when that holds none */
  costIn(usage: Json): ProviderCost | undefined;
}

export interface Provider {
  /** @param callbackUrl ours; a provider that never calls back is not sent it */
  create(body: unknown, callbackUrl: string, ask: Ask): Promise<Created>;
  read(providerTaskId: string, ask: Ask): Promise<StatusRead>;
}
