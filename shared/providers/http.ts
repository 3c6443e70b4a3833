/** JSON over HTTP with a provider, and what its answers mean for a paid create. */
import { type Reply, RequestFailure, request as realRequest } from '../http/request.ts';
import type { TaskError } from '../task/record.ts';
import type { Ask, Created, Endpoint, Report, StatusRead } from './provider.ts';
import { type Redaction, redactionFor } from './redaction.ts';
import { answerIn, errorOf } from './tolerant.ts';

/** A task's description is a few kB; mixed output with long texts may be more. */
export const MAX_ANSWER_BYTES = 256 * 1024;

/** @throws RequestFailure when no complete answer came */
function call(endpoint: Endpoint, path: string, ask: Ask, json?: unknown): Promise<Reply> {
  const { request = realRequest } = endpoint;
  return request(new URL(`${endpoint.baseUrl}${path}`), {
    ...ask,
    method: json === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${endpoint.apiKey}`,
      accept: 'application/json',
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    maxBytes: MAX_ANSWER_BYTES,
  });
}

/** How a driver reads answers. */
export interface Readers {
  /** What the object in a successful answer to a create means; nothing stands for an answer that holds none. */
  readonly created: (answer: Record<string, unknown> | undefined, redaction: Redaction) => Created;
  readonly report: (text: string, redaction: Redaction) => Report | undefined;
}

/** Asks a provider to create a task. */
export async function createAt(
  endpoint: Endpoint,
  path: string,
  json: unknown,
  ask: Ask,
  readers: Readers,
): Promise<Created> {
  try {
    const reply = await call(endpoint, path, ask, json);
    const redaction = redactionFor(endpoint.apiKey);
    const text = reply.body.toString();
    const answer = answerIn(text);
    if (!isSuccess(reply)) return notCreated(reply, errorOf(answer, redaction));
    const created = readers.created(answer, redaction);
    return created.kind === 'accepted' && isUsableEnd(readers.report(text, redaction))
      ? { ...created, outcome: reply.body }
      : created;
  } catch (failure) {
    return noAnswer(failure);
  }
}

/** A completion that names no result yet is none to us: a later read brings what this answer left out. */
const isUsableEnd = (report: Report | undefined): boolean =>
  report?.status === 'failed' || (report?.status === 'completed' && report.content.length > 0);

/** The provider may have created a task, but we cannot tell which. */
export const nameless: Created = { kind: 'unconfirmed', why: 'the answer names no task' };

/**
 * What an answer to a create means when it is not a success.
 *
 *   401, 403            our key or our plan is wrong  → unauthorized
 *   429                 not now                       → busy
 *   408, 5xx, 3xx       it may have been created      → unconfirmed
 *   any other 4xx       a no to this request          → refused, with the provider's error
 */
function notCreated({ status, headers }: Reply, error: TaskError): Created {
  if (status === 401 || status === 403) return { kind: 'unauthorized', why: `status ${status}` };
  if (status === 429)
    return { kind: 'busy', retryAfterSeconds: seconds(headers['retry-after']), why: 'status 429' };
  if (status === 408 || status < 400 || status >= 500)
    return { kind: 'unconfirmed', why: `status ${status}` };
  return { kind: 'refused', status, error };
}

/** A create is answered with 200; some answer that a task was created (201) or taken on (202). */
const isSuccess = ({ status }: Reply): boolean => status >= 200 && status <= 202;

/** What it means that no answer came: everything hangs on whether the request can have left. */
function noAnswer(failure: unknown): Created {
  if (!(failure instanceof RequestFailure)) throw failure;
  return failure.sent ? { kind: 'unconfirmed', why: failure.code } : { kind: 'busy', why: failure.code };
}

/** Reads a task's status. What is not an answer about the task is never news about it. */
export async function readStatus(
  endpoint: Endpoint,
  path: string,
  ask: Ask,
  reportIn: (text: string, redaction: Redaction) => Report | undefined,
): Promise<StatusRead> {
  try {
    const reply = await call(endpoint, path, ask);
    if (reply.status === 404) return { kind: 'forgotten' };
    const report =
      reply.status === 200 ? reportIn(reply.body.toString(), redactionFor(endpoint.apiKey)) : undefined;
    return report
      ? { kind: 'report', report, body: reply.body }
      : { kind: 'unavailable', why: `status ${reply.status}` };
  } catch (failure) {
    if (!(failure instanceof RequestFailure)) throw failure;
    return { kind: 'unavailable', why: failure.code };
  }
}

/** No provider is busy for longer than a day; a caller is not told to wait for years. */
const LONGEST_PAUSE = 86_400;

/** Seconds, or the date until which to wait (RFC 9110, 10.2.3). */
function seconds(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Math.min(Number(header), LONGEST_PAUSE);
  const until = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(until)) return undefined;
  return Math.min(Math.max(0, Math.ceil((until - Date.now()) / 1000)), LONGEST_PAUSE);
}
