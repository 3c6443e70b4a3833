/** Fetches an image from an address that somebody else named. */

import { type Reply, RequestFailure, request } from '../http/request.ts';
import { pause } from '../runtime/pause.ts';
import { checkUrl, FORBIDDEN_ADDRESS, type GuardRules, guardedLookup } from '../security/url-guard.ts';
import type { LossReason } from '../task/record.ts';

export interface FetchRules extends GuardRules {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Pauses before the further tries; their number is the number of further tries. */
  readonly pausesMs: readonly number[];
  /** The first `maxBytes` are enough, if the whole is not announced as larger than `maxAnnouncedBytes`. */
  readonly headOnly?: boolean;
  readonly maxAnnouncedBytes?: number;
}

export type Fetched =
  | {
      readonly kind: 'bytes';
      readonly bytes: Buffer;
      /** False when only the head was wanted and there is more. */
      readonly whole: boolean;
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
    if (ms) await pause(ms, signal);
    last = await attempt(url, rules, signal);
    if (last.kind === 'bytes' || (last.kind === 'lost' && (last.certain || last.reason !== 'gone')))
      return last;
  }
  if (last.kind !== 'passing') return last;
  throw new ImageUnavailable(`${URL.parse(url)?.host}: ${last.why}`, { cause: last.cause });
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
    if (!location) return meaningOf(reply);
    next = URL.parse(location, target.url.href)?.href ?? '';
  }
  return { kind: 'lost', reason: 'gone' };
}

type Answer = Attempt | { readonly kind: 'reply'; readonly reply: Reply };

async function ask(url: URL, rules: FetchRules, signal: AbortSignal | undefined): Promise<Answer> {
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
const passing = new Set([408, 425, 429]);

function meaningOf({ status, body, whole }: Reply): Attempt {
  if (status === 200) return { kind: 'bytes', bytes: body, whole };
  if (status >= 500 || passing.has(status)) return { kind: 'passing', why: `status ${status}` };
  return { kind: 'lost', reason: 'gone', certain: status === 410 };
}
