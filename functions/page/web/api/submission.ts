/**
 * Sends a request until it is known what became of it, always with the same Idempotency-Key, so that it is paid once:
 *
 *   send ─► task | refused | unauthorized                 the end
 *     ├──► busy          wait as long as is asked ─► send  nothing was created
 *     └──► unreachable   growing pauses ─► send            it may have been created: the key makes it one
 *
 * After so many tries it stops and waits for a person, who goes on with the same key.
 */
import type { Client, Submitted } from './client.ts';

export interface SubmissionDependencies {
  readonly submit: Client['submit'];
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of every pause: milliseconds, and why. */
  readonly waiting: (why: 'busy' | 'unreachable', ms: number) => void;
}

export type Ended = Exclude<Submitted, { kind: 'busy' | 'unreachable' }>;
/** Nobody waits any longer; it may be sent again. */
export type Stopped = { readonly kind: 'stopped'; readonly why: 'busy' | 'unreachable' };

const TRIES = 6;
const FIRST_PAUSE_MS = 1000;

export async function sendUntilKnown(
  { submit, wait, waiting }: SubmissionDependencies,
  request: { readonly body: string; readonly key: string },
  signal: AbortSignal,
): Promise<Ended | Stopped> {
  for (let tried = 1; ; tried++) {
    const answer = await submit(request.body, request.key);
    if (answer.kind !== 'busy' && answer.kind !== 'unreachable') return answer;
    const stopped = { kind: 'stopped', why: answer.kind } as const;
    if (tried === TRIES || signal.aborted) return stopped;
    const ms = answer.kind === 'busy' ? answer.retryAfterSeconds * 1000 : FIRST_PAUSE_MS * 2 ** (tried - 1);
    waiting(answer.kind, ms);
    await wait(ms, signal);
    if (signal.aborted) return stopped;
  }
}
