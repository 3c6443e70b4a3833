/** The history: what is known of the last tasks, kept fresh while one of them runs. */
import { computed, effect, signal } from '@preact/signals';
import { MOST_TASKS } from '../api/client.ts';
import { isRunning, type Task } from '../api/task.ts';
import { submissionOf } from '../compose/remember.ts';
import { countsOf, type Filter, filtered, type Known, merged, visible } from '../history/merge.ts';
import { Watch } from '../history/watch.ts';
import { announce } from './announce.ts';
import { keptSet } from './kept.ts';
import { client, signOut } from './session.ts';
import { words } from './words.ts';

const known = signal<readonly Known[]>([]);
export const isLoaded = signal(false);
export const isReachable = signal(true);
export const filter = signal<Filter>('all');
/** A task's id, or the key of a submission that is being sent. */
export const selected = signal<string | undefined>(undefined);

const hiddenIds = keptSet(() => localStorage, 'wanhook.hidden');
export const hidden = signal(hiddenIds.read());
/** The keys of the submissions that are on their way (sending.ts). */
export const sent = signal<ReadonlySet<string>>(new Set());

export const tasks = computed(() =>
  visible(
    known.value.map(({ task }) => task),
    { sent: sent.value, hidden: hidden.value },
  ).slice(0, MOST_TASKS),
);
export const hiddenCount = computed(() => known.value.filter(({ task }) => hidden.value.has(task.id)).length);
export const counts = computed(() => countsOf(tasks.value));
export const shown = computed(() => filtered(tasks.value, filter.value));

/** The task that a submission has become, as far as the history has been read; hidden ones too. */
export const taskOf = (submission: string): Task | undefined =>
  known.value.find(({ task }) => submissionOf(task) === submission && !task.not_created)?.task;

let etag: string | undefined;

const watch = new Watch({
  read,
  // A history that could not be read at first is waited for as well.
  isRunning: () => client.peek() !== undefined && (!isLoaded.peek() || tasks.peek().some(isRunning)),
  isVisible: () => document.visibilityState === 'visible',
  now: Date.now,
  later: (callback, ms) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
});

/** Reads the history once. @returns whether it could be read */
export async function read(): Promise<boolean> {
  const asked = client.peek();
  const listed = await asked?.list(etag);
  // Another one has signed in meanwhile.
  if (!asked || asked !== client.peek()) return true;
  if (listed?.kind === 'unauthorized') signOut(true);
  isReachable.value = listed?.kind !== 'unreachable';
  if (listed?.kind !== 'tasks') return listed?.kind === 'unchanged';
  etag = listed.etag;
  keep(merged(known.peek(), listed.tasks, Date.now()));
  isLoaded.value = true;
  return true;
}

/** A task that was submitted here. */
export function addTask(task: Task): void {
  const others = known.peek().filter((one) => one.task.id !== task.id);
  keep([{ task, submittedAt: Date.now() }, ...others]);
}

function keep(next: readonly Known[]): void {
  const ran = new Set(known.peek().flatMap(({ task }) => (isRunning(task) ? [task.id] : [])));
  known.value = next;
  for (const { task } of next) if (ran.has(task.id) && !isRunning(task)) announceEnd(task);
}

function announceEnd({ status, images, error }: Task): void {
  const { announce: say, failures, failure } = words.peek();
  const why = failures[error?.code ?? ''] ?? failure;
  announce(status === 'completed' ? say.completed(images.length) : say.failed(why));
}

/** What is shown has changed, whatever changed it: the pauses are short again, or there is nothing to wait for. */
const activity = computed(() =>
  tasks.value.map(({ id, status, progress }) => `${id} ${status} ${progress}`).join(),
);
effect(() => {
  void activity.value;
  watch.changed();
});

export function hide(id: string): void {
  hidden.value = new Set([...hidden.peek(), id]);
  hiddenIds.write(hidden.value);
  if (selected.peek() === id) selected.value = undefined;
}

export function showHidden(): void {
  hidden.value = new Set();
  hiddenIds.write(hidden.value);
}

/** Begins anew with every key that signs in. */
effect(() => {
  const isSignedIn = client.value !== undefined;
  known.value = [];
  isLoaded.value = false;
  selected.value = undefined;
  etag = undefined;
  watch.end();
  if (isSignedIn) watch.returned();
});

// Another tab has hidden a task.
addEventListener('storage', () => {
  hidden.value = hiddenIds.read();
});

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') watch.returned();
  else watch.hidden();
});
addEventListener('online', () => {
  if (!isReachable.peek()) void read();
});
