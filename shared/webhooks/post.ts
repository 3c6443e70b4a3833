/** One attempt to deliver a webhook: one POST, no redirect followed, a bounded answer; whatever happens is an outcome. */
import { performance } from 'node:perf_hooks';
import { type Reply, RequestFailure, request } from '../http/request.ts';
import { FORBIDDEN_ADDRESS } from '../security/url-guard.ts';
import { webhookHeaders } from './signature.ts';
import { checkWebhookUrl, type WebhookRules, webhookLookup } from './webhook-url.ts';

/** For the whole exchange, until the answer's last byte. */
const WEBHOOK_TIMEOUT_MS = 10_000;
/** What is read of an answer; what is kept of it. */
const MAX_ANSWER_BYTES = 64 * 1024;
const KEPT_ANSWER_BYTES = 1024;
const MAX_RETRY_AFTER = 86_400;

export interface OutgoingWebhook {
  readonly url: string;
  /** `webhook-id` */
  readonly id: string;
  readonly body: string;
  /** Newest first. */
  readonly secrets: readonly string[];
}

/** Why an attempt did not deliver. */
export type WebhookError =
  | 'timeout'
  | 'connection_refused'
  /** The connection ended before the answer did. */
  | 'connection_closed'
  | 'name_not_resolved'
  | 'tls_failed'
  | 'network_error'
  /** What came is not HTTP, or its head has no end. */
  | 'invalid_answer'
  /** The name leads to an address that may not be called; nothing was sent. */
  | 'forbidden_address'
  | 'redirected'
  | 'unexpected_status'
  /** 410: never again. */
  | 'gone'
  /** The header `webhook-delivery: disable`: never again. */
  | 'disabled';

export interface Attempted {
  readonly verdict: 'delivered' | 'retry' | 'end';
  /** The HTTP status; absent when no answer came. */
  readonly status?: number;
  /** Absent when delivered. */
  readonly error?: WebhookError;
  readonly durationMs: number;
  /** The first 1 kB of the answer; absent when none came. */
  readonly answer?: string;
  /** What the receiver asked for with `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** @param now milliseconds since 1970 */
export async function postWebhook(
  webhook: OutgoingWebhook,
  rules: WebhookRules,
  now: () => number,
  timeoutMs = WEBHOOK_TIMEOUT_MS,
): Promise<Attempted> {
  const started = performance.now();
  const attempted = await attempt(webhook, rules, now, timeoutMs);
  return { ...attempted, durationMs: Math.round(performance.now() - started) };
}

type Result = Omit<Attempted, 'durationMs'>;

async function attempt(
  { url, id, body, secrets }: OutgoingWebhook,
  rules: WebhookRules,
  now: () => number,
  timeoutMs: number,
): Promise<Result> {
  // Again: the rules may have become stricter since the URL was accepted.
  const checked = checkWebhookUrl(url, rules);
  if (checked.kind === 'refused') return { verdict: 'retry', error: 'forbidden_address' };
  const signed = { id, timestamp: Math.floor(now() / 1000), body };
  try {
    const reply = await request(checked.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...webhookHeaders(signed, secrets) },
      body,
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
      headOnly: true,
      lookup: webhookLookup(checked.url, rules),
    });
    return meaningOf(reply, now());
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    return { verdict: 'retry', error: errorOf(error.code) };
  }
}

function meaningOf({ status, headers, body }: Reply, now: number): Result {
  const answered = { status, answer: headOf(body) };
  if (status >= 200 && status < 300) return { verdict: 'delivered', ...answered };
  if (headers['webhook-delivery'] === 'disable') return { verdict: 'end', error: 'disabled', ...answered };
  if (status === 410) return { verdict: 'end', error: 'gone', ...answered };
  const seconds = secondsOf(headers['retry-after'], now);
  return {
    verdict: 'retry',
    error: status >= 300 && status < 400 ? 'redirected' : 'unexpected_status',
    ...answered,
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  };
}

/** Whole characters only: the stream option leaves out what is cut. */
const headOf = (body: Buffer): string =>
  new TextDecoder().decode(body.subarray(0, KEPT_ANSWER_BYTES), { stream: true });

/** `Retry-After` holds seconds or a date (RFC 9110, 10.2.3); nothing for what is neither. */
function secondsOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER);
}

const errors: Record<string, WebhookError> = {
  TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  INCOMPLETE: 'connection_closed',
  ECONNRESET: 'connection_closed',
  EPIPE: 'connection_closed',
  ECONNREFUSED: 'connection_refused',
  ENOTFOUND: 'name_not_resolved',
  EAI_AGAIN: 'name_not_resolved',
  [FORBIDDEN_ADDRESS]: 'forbidden_address',
  TOO_LARGE: 'invalid_answer',
};
/** Of Node's parser. */
const ofHttp = /^HPE_/;
const ofTls = /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

function errorOf(code: string): WebhookError {
  if (ofHttp.test(code)) return 'invalid_answer';
  return errors[code] ?? (ofTls.test(code) ? 'tls_failed' : 'network_error');
}
