/**
 * The client of the HTTP API.
 *
 *   const wanhook = new Wanhook({ baseUrl: 'https://…', apiKey: '…' });
 *   const task = await wanhook.submit({ model: 'wan2.5-text-to-image', prompt: 'a red boat' });
 *
 * There is no method that waits for a task: its event, or its webhook, tells when it has ended.
 */
import type { ImageRequest } from './requests.ts';
import type { Delivery, Task, WebhookTest } from './task.ts';
import { type ListQuery, queryOf, TaskList, type TaskPage } from './task-list.ts';
import { type Call, send, type Transport } from './transport.ts';
import { UsageList, type UsagePage, type UsageQuery } from './usage.ts';

export interface WanhookOptions {
  /** Where the API answers: an https URL, or an http one on a loopback address. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For one attempt; 35 seconds unless told otherwise, a little more than the API itself takes at the longest. */
  readonly timeoutMs?: number | undefined;
  /** How often a call is tried again where that does no harm; 3 unless told otherwise, 0 for never. */
  readonly maxRetries?: number | undefined;
  /** Takes the place of the global `fetch`: for a proxy, for traces. */
  readonly fetch?: typeof fetch | undefined;
}

export interface CallOptions {
  /** Ends the call, also while it waits to try again; the call throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface SubmitOptions extends CallOptions {
  /**
   * 1 to 255 visible ASCII characters. The same key and request give the same task, however often and by whomever it is
   * sent. A random one unless told otherwise: it makes the retries of this one call safe, and no more than these.
   */
  readonly idempotencyKey?: string | undefined;
}

const TIMEOUT_MS = 35_000;
const MAX_RETRIES = 3;

export class Wanhook {
  readonly #transport: Transport;

  /** @throws TypeError for a `baseUrl`, key or number that cannot be right */
  constructor(options: WanhookOptions) {
    const { timeoutMs = TIMEOUT_MS, maxRetries = MAX_RETRIES } = options;
    if (!Number.isInteger(timeoutMs) || timeoutMs < 1) {
      throw new TypeError('timeoutMs must be an integer of at least 1');
    }
    if (!Number.isInteger(maxRetries) || maxRetries < 0) {
      throw new TypeError('maxRetries must be an integer of at least 0');
    }
    this.#transport = {
      baseUrl: checkedBaseUrl(options.baseUrl),
      apiKey: visible('apiKey', options.apiKey),
      timeoutMs,
      maxRetries,
      fetch: options.fetch ?? ((...request) => fetch(...request)),
      pause,
      random: Math.random,
      now: Date.now,
    };
  }

  /**
   * Creates a task; returns as soon as the provider has it, long before its images are there.
   * @throws WanhookError; its `idempotencyKey` makes a later try as safe as the tries before
   */
  submit(request: ImageRequest, { signal, idempotencyKey }: SubmitOptions = {}): Promise<Task> {
    const key =
      idempotencyKey === undefined
        ? crypto.randomUUID()
        : visible('idempotencyKey', idempotencyKey, MAX_IDEMPOTENCY_KEY);
    return this.#post('/v1/images/generations', request, { signal, idempotencyKey: key });
  }

  /** @throws NotFoundError when there is no such task, or it belongs to another owner */
  get(taskId: string, { signal }: CallOptions = {}): Promise<Task> {
    return this.#get(`/v1/tasks/${encodeURIComponent(taskId)}`, signal);
  }

  /** Your tasks, newest first: `for await (const task of wanhook.list({ status: 'failed' })) …` */
  list(query: ListQuery = {}, { signal }: CallOptions = {}): TaskList {
    const { cursor: first, ...filters } = query;
    return new TaskList(
      (cursor) => this.#get<TaskPage>(`/v1/tasks${queryOf({ ...filters, cursor })}`, signal),
      first,
    );
  }

  /** What your tasks amount to: `for await (const { day, group, images } of wanhook.usage({ group_by: 'model' })) …` */
  usage(query: UsageQuery = {}, { signal }: CallOptions = {}): UsageList {
    const { cursor: first, ...range } = query;
    const read = (cursor: string | undefined) => {
      const pairs = Object.entries({ ...range, cursor }).filter(
        (pair): pair is [string, string] => pair[1] !== undefined,
      );
      return this.#get<UsagePage>(
        `/v1/usage${pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : ''}`,
        signal,
      );
    };
    return new UsageList(read, first);
  }

  /** The latest attempts to deliver the task's webhook, newest first. */
  async deliveries(taskId: string, { signal }: CallOptions = {}): Promise<readonly Delivery[]> {
    const path = `/v1/tasks/${encodeURIComponent(taskId)}/deliveries`;
    return (await this.#get<{ readonly data: readonly Delivery[] }>(path, signal)).data;
  }

  /**
   * Has the task's webhook sent again, with the same `webhook-id`; a receiver that knows it already is to answer 2xx.
   * @throws ConflictError when the task has not ended, or has no `callback_url`
   */
  redeliver(taskId: string, { signal }: CallOptions = {}): Promise<Task> {
    return this.#post(`/v1/tasks/${encodeURIComponent(taskId)}/redeliver`, undefined, { signal });
  }

  /** Sends a sample webhook to a URL, once, and tells how it fared. */
  testWebhook(url: string, { signal }: CallOptions = {}): Promise<WebhookTest> {
    return this.#post('/v1/webhooks/test', { url }, { signal, repetition: 'only_unheard' });
  }

  #get<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
    return send<T>(this.#transport, { method: 'GET', path, repetition: 'harmless', signal });
  }

  #post<T>(path: string, body: unknown, more: Partial<Call>): Promise<T> {
    return send<T>(this.#transport, { method: 'POST', path, body, repetition: 'harmless', ...more });
  }
}

/** Without its trailing slashes. */
function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!url || !isSafe || url.search || url.hash || url.username || url.password) {
    throw new TypeError(
      'baseUrl must be an https URL, or an http URL of a loopback address, without a query',
    );
  }
  return url.href.replace(/\/+$/, '');
}

/** Names below `localhost` are loopback too (RFC 6761, section 6.3); emulators give such addresses to their APIs. */
const isLoopback = (hostname: string): boolean =>
  /(^|\.)localhost$/.test(hostname) || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

const MAX_IDEMPOTENCY_KEY = 255;
const MAX_KEY = 4096;

/** What fits into a header. The message does not quote it: it may be a secret. */
function visible(name: string, text: string, most = MAX_KEY): string {
  if (
    typeof text === 'string' &&
    text.length <= most &&
    /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)
  )
    return text;
  throw new TypeError(`${name} must be a string of 1 to ${most} visible ASCII characters`);
}

/** @throws the signal's reason as soon as it is aborted */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
