/** What is known of a task: the same lines from sending to done. */
import { isRunning, type Task } from '../api/task.ts';
import { askedFrom } from '../compose/remember.ts';
import { words } from '../state/words.ts';
import { costOf } from '../words/cost.ts';
import { duration } from '../words/duration.ts';
import { elapsed } from './placeholder.tsx';

export function Facts({ task }: { readonly task: Task }) {
  const { facts, credits, language } = words.value;
  const { created, completed, images } = task;
  const asked = askedFrom(task.metadata);
  const sizes = [...new Set(images.map(({ width, height }) => `${width} × ${height}`))];
  const ahead = isRunning(task) ? (asked?.size?.replace('x', ' × ') ?? '…') : undefined;
  const known: [string, string | undefined][] = [
    [facts.model, task.model],
    [facts.size, sizes.join(', ') || ahead],
    [facts.seed, asked?.seed?.toString()],
    [facts.created, dateOf(created, language)],
    [facts.cost, task.charge ? costOf(task.charge, language, credits) : undefined],
    [facts.took, isRunning(task) ? elapsed(created) : completed ? duration(completed - created) : undefined],
  ];
  return (
    <dl class="facts">
      {known.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

const dateOf = (seconds: number, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(seconds * 1000);
