/** A request is sent until it is known what became of it, always with the same key. */
import { expect, test } from 'vitest';
import type { Submitted } from '../../../../../functions/page/web/api/client.ts';
import { sendUntilKnown } from '../../../../../functions/page/web/api/submission.ts';
import { aTask } from '../tasks.ts';

const task = { kind: 'task', task: aTask() } as const;
const busy = { kind: 'busy', retryAfterSeconds: 7 } as const;
const unreachable = { kind: 'unreachable' } as const;

function sending(answers: readonly Submitted[], abort = new AbortController()) {
  const sent: string[] = [];
  const pauses: [string, number][] = [];
  const ended = sendUntilKnown(
    {
      submit: async (body, key) => {
        sent.push(`${key} ${body}`);
        return answers[Math.min(sent.length, answers.length) - 1]!;
      },
      wait: async () => undefined,
      waiting: (why, ms) => pauses.push([why, ms]),
    },
    { body: 'body', key: 'key' },
    abort.signal,
  );
  return { sent, pauses, ended };
}

test('an answer is the end', async () => {
  const { ended, sent, pauses } = sending([task]);
  expect(await ended).toBe(task);
  expect(sent).toEqual(['key body']);
  expect(pauses).toEqual([]);
});

test('no answer: the same key again, after growing pauses, so that it is paid once', async () => {
  const { ended, sent, pauses } = sending([unreachable, unreachable, unreachable, task]);
  expect(await ended).toBe(task);
  expect(new Set(sent)).toEqual(new Set(['key body']));
  expect(sent).toHaveLength(4);
  expect(pauses).toEqual([
    ['unreachable', 1000],
    ['unreachable', 2000],
    ['unreachable', 4000],
  ]);
});

test('busy: again when the API says', async () => {
  const { ended, pauses } = sending([busy, task]);
  expect(await ended).toBe(task);
  expect(pauses).toEqual([['busy', 7000]]);
});

test('after six tries a person decides', async () => {
  const { ended, sent } = sending([busy]);
  expect(await ended).toEqual({ kind: 'stopped', why: 'busy' });
  expect(sent).toHaveLength(6);
});

test('a person who gives up ends it before the next try', async () => {
  const abort = new AbortController();
  abort.abort();
  const { ended, sent } = sending([unreachable], abort);
  expect(await ended).toEqual({ kind: 'stopped', why: 'unreachable' });
  expect(sent).toHaveLength(1);
});

test.each([
  { kind: 'refused', error: { code: 'x', message: 'no' } } as const,
  { kind: 'unauthorized' } as const,
])('$kind is not tried again', async (answer) => {
  const { ended, sent } = sending([answer]);
  expect(await ended).toBe(answer);
  expect(sent).toHaveLength(1);
});
