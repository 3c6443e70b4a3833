/**
 * One HTTP request: no redirect followed, no connection reused unless an agent is given, a bounded answer.
 *
 * Why not fetch: a create that failed may be repeated only when it certainly never left (promise 2), so we must know
 * whether the connection stood; and an image must come from the very address that was checked (promise 9), so we must
 * own the name look-up. See docs/decisions/own-requests.md.
 */
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** For the whole exchange, until the last byte. */
  readonly timeoutMs: number;
  /** More than this is refused, or, with `headOnly`, cut off. */
  readonly maxBytes: number;
  /** Answer with the first `maxBytes` of a longer body instead of refusing it. */
  readonly headOnly?: boolean;
  /** A body whose announced length is more than this is refused at once; `maxBytes` unless told otherwise. */
  readonly maxAnnouncedBytes?: number;
  readonly lookup?: LookupFunction;
  readonly signal?: AbortSignal | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** False when `headOnly` cut the body off. */
  readonly whole: boolean;
}

/** The exchange did not end with an answer. */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure';
  /** Node's error code, or `TIMEOUT`, `TOO_LARGE`, `INCOMPLETE`. */
  readonly code: string;
  /** Whether the connection stood: if not, the other side certainly got nothing. */
  readonly sent: boolean;

  constructor(code: string, sent: boolean, cause?: unknown) {
    super(`request failed: ${code}${sent ? '' : ' (nothing was sent)'}`, { cause });
    this.code = code;
    this.sent = sent;
  }
}

/** The network, as it is passed to whoever needs it. */
export type Request = (url: URL, options: RequestOptions) => Promise<Reply>;

/** @throws RequestFailure; any complete answer, whatever its status, is a {@link Reply}. */
export async function request(url: URL, options: RequestOptions): Promise<Reply> {
  const exchange = { sent: false };
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  try {
    const response = await open(url, options, signal, exchange);
    return await read(response, options);
  } catch (cause) {
    if (cause instanceof RequestFailure) throw cause;
    const code = signal.aborted ? 'TIMEOUT' : ((cause as NodeJS.ErrnoException).code ?? 'UNKNOWN');
    throw new RequestFailure(code, exchange.sent, cause);
  }
}

function open(url: URL, options: RequestOptions, signal: AbortSignal, exchange: { sent: boolean }) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const outgoing = (secure ? https : http).request(url, {
      method: options.method ?? 'GET',
      headers: {
        // Some hosts answer 403 to whoever does not say who they are.
        'user-agent': 'Wanhook',
        // The bytes as they are: an image is kept, measured and hashed as it was delivered.
        'accept-encoding': 'identity',
        ...options.headers,
        ...(options.body !== undefined && { 'content-length': String(Buffer.byteLength(options.body)) }),
      },
      // A kept connection may have died while the function slept; its error would look like a request that was sent.
      agent: false,
      signal,
      ...(options.lookup && { lookup: options.lookup }),
    });
    outgoing.on('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        exchange.sent = true;
      });
    });
    // Of interim answers (1xx) there may be any number before the answer.
    outgoing.on('information', () => {
      const read = outgoing.socket?.bytesRead ?? 0;
      if (read > options.maxBytes) outgoing.destroy(new RequestFailure('TOO_LARGE', exchange.sent));
    });
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    // Node ends an answer that changes the protocol (101) without an error and without a response.
    outgoing.once('close', () => reject(new RequestFailure('INCOMPLETE', exchange.sent)));
    outgoing.end(options.body);
  });
}

/** Room for the whole body at once, so that it is never held twice; what nothing is written to takes no memory. */
async function read(response: IncomingMessage, options: RequestOptions): Promise<Reply> {
  const { maxBytes, headOnly, maxAnnouncedBytes = headOnly ? Number.POSITIVE_INFINITY : maxBytes } = options;
  const announced = Number(response.headers['content-length'] ?? Number.NaN);
  if (announced > maxAnnouncedBytes) tooLarge(response);
  const room = Buffer.allocUnsafeSlow(announced < maxBytes ? announced : maxBytes);
  let size = 0;
  const answer = (whole: boolean): Reply => {
    const body = room.subarray(0, size);
    return { status: response.statusCode ?? 0, headers: response.headers, body, whole };
  };
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunk.copy(room, size);
    size += chunk.length;
    if (size > maxBytes && headOnly) return answer(false);
    if (size > maxBytes) tooLarge(response);
  }
  if (!response.complete) throw new RequestFailure('INCOMPLETE', true);
  return answer(true);
}

function tooLarge(response: IncomingMessage): never {
  response.destroy();
  throw new RequestFailure('TOO_LARGE', true);
}
