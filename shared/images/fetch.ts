/** Fetches an image from an address that somebody else named. */
import { type Reply, type Request, RequestFailure, request as realRequest } from '../http/request.ts';
import { type Pause, pause as realPause } from '../runtime/pause.ts';
import { checkUrl, FORBIDDEN_ADDRESS, type GuardRules, guardedLookup } from '../security/url-guard.ts';
import type { LossReason } from '../task/record.ts';
import { decodeContent } from './content-encoding.ts';

export interface FetchRules extends GuardRules {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Pauses before the further tries; their number is the number of further tries. */
  readonly pausesMs: readonly number[];
  /** The first `maxBytes` are enough, if the whole is not announced as larger than `maxAnnouncedBytes`. */
  readonly headOnly?: boolean;
  readonly maxAnnouncedBytes?: number;
  /** The network and the clock; the real ones unless told otherwise. */
  readonly request?: Request;
  readonly pause?: Pause;
}

export type Fetched =
  | {
      readonly kind: 'bytes';
      readonly bytes: Buffer;
      /** False when only the head was wanted and there is more. */
      readonly whole: boolean;
      /** What the host says that it did to them and we could not undo: these are the bytes as they came. */
      readonly encoding?: string;
    }
  | {
      readonly kind: 'lost';
      readonly reason: LossReason;
      /** Whether the server itself says that it will never be otherwise (410). */
      readonly certain?: boolean;
    };

/** It may work later: a time-out, a 5xx, a throttle, a name that does not resolve. The queue tries again. */
export class ImageUnavailable extends Error {
  override readonly name = 'ImageUnavailable';
}

const MAX_HOPS = 4;

/**
 * Tries a few times. What is certain is an outcome; what may pass is thrown.
 * A 4xx gets the further tries too: a new file's link may be slow to appear everywhere.
 * @throws ImageUnavailable, with the host but never the path, which may hold a signature
 */
export async function fetchImage(url: string, rules: FetchRules, signal?: AbortSignal): Promise<Fetched> {
  let last: Attempt = { kind: 'passing', why: 'not tried' };
  for (const ms of [0, ...rules.pausesMs]) {
    if (ms && !(await mayWait(rules, ms, signal))) {
      last = { kind: 'passing', why: 'no time left for a further try' };
      break;
    }
    last = await attempt(url, rules, signal);
    // It has had its time already; other images wait for theirs.
    if (last.kind === 'passing' && last.why === 'TIMEOUT') break;
    if (last.kind === 'bytes' || (last.kind === 'lost' && (last.certain || last.reason !== 'gone')))
      return last;
  }
  if (last.kind !== 'passing') return last;
  throw new ImageUnavailable(`${URL.parse(url)?.host}: ${last.why}`, { cause: last.cause });
}

/** @returns false when the function is about to be stopped */
async function mayWait(
  { pause = realPause }: FetchRules,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await pause(ms, signal);
    return true;
  } catch (error) {
    if (signal?.aborted) return false;
    throw error;
  }
}

type Attempt = Fetched | { readonly kind: 'passing'; readonly why: string; readonly cause?: unknown };

async function attempt(url: string, rules: FetchRules, signal: AbortSignal | undefined): Promise<Attempt> {
  let next = url;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const target = checkUrl(next, rules);
    if (target.kind === 'refused') return { kind: 'lost', reason: 'forbidden_address' };
    const answer = await ask(target.url, rules, signal);
    if (answer.kind !== 'reply') return answer;
    const { reply } = answer;
    const location = isRedirect(reply.status) && reply.headers.location;
    if (!location) return meaningOf(reply, rules);
    next = URL.parse(location, target.url.href)?.href ?? '';
  }
  return { kind: 'lost', reason: 'gone' };
}

type Answer = Attempt | { readonly kind: 'reply'; readonly reply: Reply };

async function ask(url: URL, rules: FetchRules, signal: AbortSignal | undefined): Promise<Answer> {
  const { request = realRequest } = rules;
  try {
    const reply = await request(url, { ...rules, lookup: guardedLookup(rules), signal });
    return { kind: 'reply', reply };
  } catch (cause) {
    if (!(cause instanceof RequestFailure)) throw cause;
    if (cause.code === FORBIDDEN_ADDRESS) return { kind: 'lost', reason: 'forbidden_address' };
    if (cause.code === 'TOO_LARGE') return { kind: 'lost', reason: 'too_large' };
    return { kind: 'passing', why: cause.code, cause };
  }
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);
/** 202: the file is still being made. */
const passing = new Set([202, 408, 425, 429]);

async function meaningOf(reply: Reply, rules: FetchRules): Promise<Attempt> {
  const { status, body } = reply;
  const isWhole = status === 200 || status === 203;
  // A host that has a file's name before it has the file.
  if (isWhole && body.length === 0) return { kind: 'passing', why: 'empty body' };
  if (isWhole) return decoded(reply, rules);
  if (status >= 500 || passing.has(status)) return { kind: 'passing', why: `status ${status}` };
  return { kind: 'lost', reason: 'gone', certain: status === 410 };
}

/** We ask for the bytes as they are; a host that encodes them all the same must not cost the image. */
async function decoded({ headers, body, whole }: Reply, rules: FetchRules): Promise<Attempt> {
  const { maxBytes, headOnly = false, maxAnnouncedBytes = maxBytes } = rules;
  const most = headOnly ? maxAnnouncedBytes : maxBytes;
  const content = await decodeContent(body, headers['content-encoding'], most);
  if (content.kind === 'too_large') return { kind: 'lost', reason: 'too_large' };
  const bytes = content.bytes.subarray(0, maxBytes);
  return {
    kind: 'bytes',
    bytes,
    whole: whole && bytes.length === content.bytes.length,
    ...(content.kind === 'undecoded' && { encoding: content.encoding }),
  };
}
