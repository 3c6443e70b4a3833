/** The requests that the page makes. Whatever is answered, or not answered, is an outcome; nothing is thrown. */
import type { Task } from './task.ts';

/** `param` names the field as the API does: `parameters.size`, `image_urls[1]`. */
export interface ApiError {
  readonly code: string;
  readonly message: string;
  readonly param?: string;
}

/** What no answer but the wanted one can be. */
export type NotNow =
  /** The key is unknown, disabled or expired. */
  | { readonly kind: 'unauthorized' }
  /** Nothing was created; the same request may be sent again. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number }
  /** No answer, or one of a fault: what was asked may or may not have happened. */
  | { readonly kind: 'unreachable' };

export type Submitted =
  | { readonly kind: 'task'; readonly task: Task }
  | { readonly kind: 'refused'; readonly error: ApiError }
  | NotNow;

export type Listed =
  | { readonly kind: 'tasks'; readonly tasks: readonly Task[]; readonly etag: string | undefined }
  | { readonly kind: 'unchanged' }
  | NotNow;

/** As the history shows them. */
export const MOST_TASKS = 20;
const BUSY_SECONDS = 5;
/** The API gives up after 30 s; a connection that has died says nothing at all. */
const GIVE_UP_MS = 45_000;

export interface Client {
  /** @param body JSON; @param idempotencyKey the same for every try, so that only one is paid */
  readonly submit: (body: string, idempotencyKey: string) => Promise<Submitted>;
  /** @param etag of the list that is known; without a change it is not sent again */
  readonly list: (etag?: string) => Promise<Listed>;
}

export function clientOf(key: string, ask: typeof fetch = fetch): Client {
  const send = async (path: string, init: RequestInit & { headers?: Record<string, string> }) => {
    try {
      const headers = { authorization: `Bearer ${key}`, ...init.headers };
      const signal = AbortSignal.timeout(GIVE_UP_MS);
      const response = await ask(path, { ...init, headers, signal, cache: 'no-store' });
      return { response, body: await bodyOf(response) };
    } catch {
      return undefined;
    }
  };
  return {
    async submit(body, idempotencyKey) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      const answer = await send('/v1/images/generations', { method: 'POST', body, headers });
      const notNow = notNowOf(answer?.response);
      if (notNow) return notNow;
      if (answer!.response.ok) return { kind: 'task', task: answer!.body as Task };
      return { kind: 'refused', error: errorOf(answer!.response.status, answer!.body) };
    },
    async list(etag) {
      const headers: Record<string, string> = etag ? { 'if-none-match': etag } : {};
      const answer = await send(`/v1/tasks?limit=${MOST_TASKS}`, { headers });
      if (answer?.response.status === 304) return { kind: 'unchanged' };
      const notNow = notNowOf(answer?.response);
      if (notNow) return notNow;
      const tasks = (answer!.body as { data?: readonly Task[] } | undefined)?.data;
      if (!answer!.response.ok || !tasks) return { kind: 'unreachable' };
      return { kind: 'tasks', tasks, etag: answer!.response.headers.get('etag') ?? undefined };
    },
  };
}

/** @throws when the connection ends before the body does */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notNowOf(response: Response | undefined): NotNow | undefined {
  if (!response) return { kind: 'unreachable' };
  if (response.status === 401) return { kind: 'unauthorized' };
  if (response.status === 429 || response.status === 503) {
    const seconds = Number(response.headers.get('retry-after'));
    return { kind: 'busy', retryAfterSeconds: seconds > 0 ? seconds : BUSY_SECONDS };
  }
  return response.status >= 500 ? { kind: 'unreachable' } : undefined;
}

function errorOf(status: number, body: unknown): ApiError {
  const { error } = (body ?? {}) as { error?: ApiError };
  if (error && typeof error.message === 'string') return error;
  return { code: String(status), message: `HTTP ${status}` };
}
