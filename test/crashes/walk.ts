/**
 * One task whose function dies at a point, or at none: submitted as a caller does, watched until everything is right.
 *
 *   submit (again, with its Idempotency-Key, until answered) ─► died ─► messages made visible ─► right, or out of patience
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalCloud } from '../../infra/local/cloud/index.ts';
import type { PublicTask } from '../../shared/task/public-task.ts';
import { type Kind, requestOf } from './kinds.ts';
import { makeOlder, newOwner, type Place } from './place.ts';
import { type Point, Watch, type When } from './points.ts';
import { isStranded, type Run, wrongs } from './wrongs.ts';

/** Only ends a hang: a run takes some two seconds. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 30;
const IDLE_WITHIN_MS = 1000;
/** An hour more than the 24 after which a task is ended. */
const GIVEN_UP_AFTER_SECONDS = 90_000;

export interface Walk {
  /** The task's, who has no other task. */
  readonly owner: string;
  readonly seen: readonly Point[];
  /** Whether the function died where it was to die. */
  readonly hasDied: boolean;
  /** Whether nobody could know of the task at its provider any more, and its 24 hours ended it. */
  readonly isGivenUp: boolean;
  /** What is not as it must be, when patience had run out. */
  readonly problems: readonly string[];
}

export async function walk(
  place: Place,
  kind: Kind,
  nth: number,
  target?: Point & { readonly when: When },
): Promise<Walk> {
  const { cloud } = place.deployment;
  const prompt = `crash ${nth}.`;
  const owner = `crash-${nth}`;
  const key = await newOwner(place, owner, kind.bound === true);
  const events: string[] = [];
  const forgetEvents = cloud.onEvent(({ detail }) => {
    const { id, task } = detail as { id: string; task: { prompt: string } };
    if (task?.prompt === prompt) events.push(id);
  });
  const watch = new Watch(cloud, target);
  place.outside.watch = watch;
  try {
    const end = Date.now() + PATIENCE_MS;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const id = await submitted(
      place,
      requestOf(kind, prompt, place.outside.receiverUrl),
      headers,
      prompt,
      end,
    );
    const run: Run = { kind, id, prompt, headers, owner, events, died: target?.fn, isGivenUp: false };
    const problems = await settled(place, run, watch, end);
    return { owner, seen: watch.seen, hasDied: watch.hasDied, isGivenUp: run.isGivenUp, problems };
  } finally {
    watch.stop();
    forgetEvents();
    place.outside.watch = undefined;
  }
}

async function submitted(
  { deployment: { cloud } }: Place,
  request: object,
  headers: Record<string, string>,
  idempotencyKey: string,
  end: number,
): Promise<string> {
  for (;;) {
    const answer = await fetch(`${cloud.apiUrl}/v1/images/generations`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': `"${idempotencyKey}"` },
      body: JSON.stringify(request),
    });
    const text = await answer.text();
    if (answer.ok) return (JSON.parse(text) as PublicTask).id;
    if (answer.status < 500 || Date.now() > end) throw new Error(`submit answered ${answer.status}: ${text}`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Waits until nothing is wrong any more. @returns what still is, when patience has run out */
async function settled(place: Place, run: Run, watch: Watch, end: number): Promise<readonly string[]> {
  const { cloud } = place.deployment;
  for (;;) {
    await idle(cloud);
    const { problems, hasEnded } = await wrongs(place, run);
    if (problems.length === 0 || Date.now() > end) return problems;
    if (watch.hasDied && run.died === 'Submit' && !run.isGivenUp && (await isStranded(place, run))) {
      run.isGivenUp = true;
      await makeOlder(place, run.id, GIVEN_UP_AFTER_SECONDS);
    }
    // Not to wait for what brings messages back: visibility time-outs after a death, a timer's delay after the end. What a
    // function is still working on must not come back.
    if ((watch.hasDied || hasEnded) && (await idle(cloud))) makeAllVisible(cloud);
    await sleep(LOOK_EVERY_MS);
  }
}

/** @returns whether nothing is under way; false when that takes too long */
const idle = (cloud: LocalCloud): Promise<boolean> =>
  Promise.race([cloud.idle().then(() => true), sleep(IDLE_WITHIN_MS, false)]);

function makeAllVisible(cloud: LocalCloud): void {
  for (const queue of cloud.queues()) {
    const { inFlight, delayed } = queue.depth();
    if (inFlight + delayed > 0) queue.makeAllVisible();
  }
}
