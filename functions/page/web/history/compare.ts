/** What was asked for beside what was made, where the provider changed it. */
import type { Task } from '../api/task.ts';
import { askedFrom } from '../compose/remember.ts';
import { numbersOf, parseSize, type Size } from '../compose/size.ts';

export interface Difference {
  readonly field: 'size' | 'count';
  readonly asked: string;
  readonly made: string;
}

export function differencesOf(task: Task): Difference[] {
  const asked = askedFrom(task.metadata);
  if (task.status !== 'completed' || !asked) return [];
  const sizes = [...new Set(task.images.map(({ width, height }) => `${width}×${height}`))];
  const wanted = asked.size?.replace('x', '×');
  const found: Difference[] = [];
  if (wanted && sizes.some((size) => size !== wanted)) {
    found.push({ field: 'size', asked: wanted, made: sizes.join(', ') });
  }
  const made = task.images.length + (task.lost?.length ?? 0);
  if (asked.n !== undefined && made !== asked.n) {
    found.push({ field: 'count', asked: String(asked.n), made: String(made) });
  }
  return found;
}

const SQUARE: Size = { width: 1, height: 1 };

/** The shapes of the pictures to come, or that came. Of another service's task only what came is known. */
export function shapesOfTask(task: Pick<Task, 'images' | 'metadata'>): Size[] {
  if (task.images.length > 0) return task.images.map(({ width, height }) => ({ width, height }));
  const asked = askedFrom(task.metadata);
  const typed = asked?.size ? parseSize(asked.size) : undefined;
  const shape = (typed && numbersOf(typed)) ?? SQUARE;
  return Array.from({ length: Math.min(asked?.n ?? 1, 4) }, () => shape);
}
