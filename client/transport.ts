/** One call of the API: sent, tried again where that does no harm, and read as JSON or as an error. */
import { ConnectionError, errorOf, ServerError, type WanhookError } from './errors.ts';
import { pauseBefore, type Repetition, retryAfterSeconds } from './retry.ts';

export interface Call {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly repetition: Repetition;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For one attempt, until the last byte. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly fetch: typeof fetch;
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * @returns the JSON object that the API answered
 * @throws WanhookError after the last attempt; the reason of `signal` as soon as it is aborted
 */
export async function send<T>(transport: Transport, call: Call): Promise<T> {
  for (let tries = 1; ; tries++) {
    const result = await attempt<T>(transport, call);
    if (result.kind === 'answer') return result.answer;
    const pause = pauseBefore(result.error, call.repetition, tries, transport);
    if (pause === undefined) throw result.error;
    await transport.pause(pause, call.signal);
  }
}

type Attempted<T> =
  | { readonly kind: 'answer'; readonly answer: T }
  | { readonly kind: 'error'; readonly error: WanhookError };

async function attempt<T>(transport: Transport, call: Call): Promise<Attempted<T>> {
  const timeout = AbortSignal.timeout(transport.timeoutMs);
  const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
  try {
    const response = await transport.fetch(`${transport.baseUrl}${call.path}`, {
      method: call.method,
      headers: headersOf(transport, call),
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      // The API redirects nobody, and the key is for nobody else.
      redirect: 'manual',
      signal,
    });
    return read<T>(response, await response.text(), call, transport.now());
  } catch (cause) {
    call.signal?.throwIfAborted();
    return { kind: 'error', error: noAnswer(cause, timeout.aborted, transport.timeoutMs, call) };
  }
}

function headersOf({ apiKey }: Transport, { body, idempotencyKey }: Call): Record<string, string> {
  return {
    authorization: `Bearer ${apiKey}`,
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
}

function read<T>(response: Response, text: string, call: Call, now: number): Attempted<T> {
  const { ok, status, headers } = response;
  const { idempotencyKey } = call;
  const answer = objectIn(text);
  if (ok && answer) return { kind: 'answer', answer: answer as T };
  if (ok) {
    const message = `${call.method} ${pathOf(call)} was answered with what is no JSON object`;
    return {
      kind: 'error',
      error: new ServerError({ code: 'invalid_answer', message, status, idempotencyKey }),
    };
  }
  const error = errorOf({
    ...said(answer, status),
    status,
    retryAfterSeconds: retryAfterSeconds(headers.get('retry-after'), now),
    idempotencyKey,
  });
  return { kind: 'error', error };
}

/** `{"error":{code,message,type,param?}}` from Wanhook, `{"message"}` from the gateway before it, or nothing to read. */
function said(answer: Record<string, unknown> | undefined, status: number) {
  const error = isObject(answer?.error) ? answer.error : {};
  return {
    code: textOr(error.code, `http_${status}`),
    message: textOr(error.message, textOr(answer?.message, `The API answered ${status}`)),
    type: textOr(error.type, undefined),
    param: textOr(error.param, undefined),
  };
}

function noAnswer(cause: unknown, isTimeout: boolean, timeoutMs: number, call: Call): ConnectionError {
  const { idempotencyKey } = call;
  const what = `${call.method} ${pathOf(call)}`;
  return isTimeout
    ? new ConnectionError({
        code: 'timeout',
        message: `${what} was not answered within ${timeoutMs} ms`,
        idempotencyKey,
        cause,
      })
    : new ConnectionError({
        code: 'connection_failed',
        message: `${what} was not answered`,
        idempotencyKey,
        cause,
      });
}

const pathOf = ({ path }: Call): string => path.split('?')[0]!;

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const textOr = <T>(value: unknown, otherwise: T): string | T =>
  typeof value === 'string' ? value : otherwise;
