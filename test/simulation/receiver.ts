/** The callers' own servers, which are told of outcomes: they fail, hang, forget to answer, go away. */
import type { Attempted, OutgoingWebhook } from '../../shared/webhooks/post.ts';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Oracle } from './oracle.ts';
import type { Instance } from './services/lambda.ts';
import type { Story } from './story.ts';

export interface ReceiverDependencies {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly story: Story;
  readonly oracle: Oracle;
}

const TIMEOUT_MS = 10_000;
const QUICK_MS = 50;
const chances = {
  'says 500': 0.1,
  'takes it, and does not answer': 0.06,
  'does not answer': 0.06,
  'is gone (410)': 0.01,
};

/** @returns what takes the place of a POST to the caller's `callback_url` */
export function receiver({ clock, faults, story, oracle }: ReceiverDependencies) {
  const attempts = new Map<string, number>();
  return (instance: Instance) =>
    ({ id, body }: OutgoingWebhook): Promise<Attempted> => {
      const name = story.nameOf(id.split(':')[0]!);
      const nth = (attempts.get(name) ?? 0) + 1;
      attempts.set(name, nth);
      const kind = faults.pick(`webhook of ${name}, attempt ${nth}`, 'takes it', chances);
      story.tell(() => `${instance.invocation} → webhook of ${name}: ${kind}`);
      const isSilent = kind.endsWith('answer');
      const durationMs = isSilent ? TIMEOUT_MS : QUICK_MS;
      return new Promise((resolve) => {
        clock.after(QUICK_MS / 2, () => {
          if (kind.startsWith('takes it')) oracle.webhookArrives(id, body);
          if (kind === 'is gone (410)') oracle.receiverIsGone(id);
        });
        clock.after(durationMs, () => instance.isAlive && resolve({ ...attempted(kind), durationMs }));
      });
    };
}

function attempted(kind: string): Omit<Attempted, 'durationMs'> {
  if (kind === 'takes it') return { verdict: 'delivered', status: 204 };
  if (kind === 'says 500') return { verdict: 'retry', status: 500, error: 'unexpected_status' };
  if (kind === 'is gone (410)') return { verdict: 'end', status: 410, error: 'gone' };
  return { verdict: 'retry', error: 'timeout' };
}
