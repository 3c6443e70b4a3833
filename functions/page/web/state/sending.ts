/** Submissions on their way: from Generate until it is known what became of them. */
import { effect, signal } from '@preact/signals';
import type { ApiError } from '../api/client.ts';
import { freshId } from '../api/fresh-id.ts';
import { sendUntilKnown } from '../api/submission.ts';
import type { Task } from '../api/task.ts';
import { isRepeat, keepable, resumable } from '../api/unfinished.ts';
import { askedOf, bodyOf } from '../compose/body.ts';
import { firstProblem, type Problems } from '../compose/check.ts';
import { imageOf, messageOf, saidAt } from '../compose/field-of-param.ts';
import { type Form, fieldsOf, usedReferences, withChanged } from '../compose/form.ts';
import { metadataOf } from '../compose/remember.ts';
import { addressOf } from '../references/prepare.ts';
import type { Reference } from '../references/reference.ts';
import { announce } from './announce.ts';
import { focusField, returnToPrompt } from './focus.ts';
import { change, fields, form, isMoreOpen, limits, problems, said, touch } from './form.ts';
import { kept } from './kept.ts';
import { client, signOut } from './session.ts';
import { addTask, selected, sent, taskOf } from './tasks.ts';
import { words } from './words.ts';

export interface Sending {
  /** The Idempotency-Key: one for every press of Generate. */
  readonly key: string;
  readonly body: string;
  readonly model: string;
  readonly prompt: string;
  /** As its task will have it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly at: number;
  readonly state:
    | { readonly kind: 'sending' }
    /** Sent again at that time; milliseconds since 1970. */
    | { readonly kind: 'waiting'; readonly why: 'busy' | 'unreachable'; readonly until: number }
    | { readonly kind: 'stopped'; readonly why: 'busy' | 'unreachable' };
}

/** As the task that it is about to be. It does not run yet, and is counted nowhere. */
export const taskToBe = ({ key, model, prompt, metadata, at }: Sending): Task => ({
  id: key,
  model,
  prompt,
  metadata,
  created: Math.floor(at / 1000),
  status: 'pending',
  progress: 0,
  output: [],
  images: [],
  error: null,
  completed: null,
});

export const sendings = signal<readonly Sending[]>([]);
/** The files of what was sent from here, so that "again" has them. */
export const sentReferences = new Map<string, readonly Reference[]>();
const aborts = new Map<string, AbortController>();

const unfinished = kept<readonly Sending[]>(
  () => sessionStorage,
  'wanhook.sending',
  [],
  (value) => (Array.isArray(value) ? (value as Sending[]) : undefined),
);

function put(next: readonly Sending[]): void {
  sendings.value = next;
  sent.value = new Set(next.map(({ key }) => key));
  unfinished.write(keepable(next));
}

const drop = (key: string) => put(sendings.peek().filter((one) => one.key !== key));

function update(key: string, state: Sending['state']): void {
  put(sendings.peek().map((one) => (one.key === key ? { ...one, state } : one)));
}

/** Checks the form and sends it. The focus goes back to the prompt, or to what is wrong. */
export async function generate(): Promise<void> {
  touch('prompt', 'references', 'size', 'seed', 'negativePrompt', 'n', 'pictures');
  if (showProblems(problems.peek())) return;
  returnToPrompt();
  const filled = form.peek();
  const key = freshId();
  const references = usedReferences(filled, fields.peek());
  const images = await Promise.all(references.map(({ source }) => addressOf(source)));
  const sending = sendingOf(filled, images, key);
  if (isRepeat(sending, sendings.peek())) return;
  said.value = {};
  sentReferences.set(key, references);
  put([sending, ...sendings.peek()]);
  selected.value = key;
  await send(sending);
}

function sendingOf(filled: Form, images: readonly string[], key: string): Sending {
  const filledFields = fieldsOf(filled, limits);
  return {
    key,
    body: JSON.stringify(bodyOf(filled, filledFields, images, key)),
    model: filledFields.model,
    prompt: filled.prompt.trim(),
    metadata: metadataOf(askedOf(filled, filledFields), key),
    at: Date.now(),
    state: { kind: 'sending' },
  };
}

async function send({ key, body }: Sending): Promise<void> {
  const asked = client.peek();
  if (!asked) return;
  const abort = new AbortController();
  aborts.set(key, abort);
  const submit = (text: string, idempotencyKey: string) => {
    update(key, { kind: 'sending' });
    return asked.submit(text, idempotencyKey);
  };
  const waiting = (why: 'busy' | 'unreachable', ms: number) => {
    const seconds = Math.ceil(ms / 1000);
    announce(why === 'busy' ? words.peek().busy(seconds) : words.peek().retrying(seconds));
    update(key, { kind: 'waiting', why, until: Date.now() + ms });
  };
  const ended = await sendUntilKnown({ submit, wait, waiting }, { body, key }, abort.signal);
  if (!sendings.peek().some((one) => one.key === key)) return;
  switch (ended.kind) {
    case 'stopped':
      update(key, ended);
      announce(words.peek()[ended.why === 'busy' ? 'stoppedBusy' : 'stoppedUnreachable']);
      return;
    case 'task':
      if (selected.peek() === key) selected.value = ended.task.id;
      addTask(ended.task);
      announce(words.peek().announce.sent);
      break;
    case 'refused':
      if (selected.peek() === key) selected.value = undefined;
      showRefusal(ended.error, sentReferences.get(key) ?? []);
      break;
    case 'unauthorized':
      // Another key may have signed in meanwhile.
      if (asked === client.peek()) signOut(true);
  }
  drop(key);
}

const wait = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    signal.addEventListener('abort', end);
  });

/** @returns whether there is one */
function showProblems(found: Problems): boolean {
  const first = firstProblem(found);
  if (!first) return false;
  if (first === 'negativePrompt' || first === 'seed') isMoreOpen.value = true;
  if (first === 'general') announce(words.peek().notCreated);
  focusField(first === 'general' ? 'prompt' : first);
  return true;
}

/** At the field that is to blame, and at the very picture. */
function showRefusal(error: ApiError, references: readonly Reference[]): void {
  const image = references[imageOf(error) ?? -1];
  if (image) change(withChanged(form.peek(), image.id, { fault: 'refused', said: messageOf(error) }));
  else said.value = saidAt(error);
  showProblems(image ? { references: { kind: 'image' } } : said.peek());
}

export function sendAgain(sending: Sending): void {
  void send(sending);
}

/** The person waits no longer. What may have been created shows in the history. */
export function giveUp({ key }: Sending): void {
  drop(key);
  aborts.get(key)?.abort();
  if (selected.peek() === key) selected.value = undefined;
}

export function forgetSendings(): void {
  for (const abort of aborts.values()) abort.abort();
  sentReferences.clear();
  put([]);
}

/** No answer came, and the history shows that it was created all the same: nobody needs to send it again. */
effect(() => {
  for (const { key, state } of sendings.value) {
    const task = state.kind !== 'sending' && state.why === 'unreachable' ? taskOf(key) : undefined;
    if (task) settle(key, task);
  }
});

function settle(key: string, task: Task): void {
  if (selected.peek() === key) selected.value = task.id;
  drop(key);
  aborts.get(key)?.abort();
}

/** Goes on where a reload interrupted. */
export function resume(now: number): void {
  const recent = resumable(unfinished.read(), now);
  put(recent);
  for (const sending of recent) void send(sending);
}
