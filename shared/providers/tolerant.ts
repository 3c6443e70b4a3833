/** Reads what providers really answer: beyond an id and a status everything may be missing, or spelt differently. */
import { isJsonObject } from '../runtime/json.ts';
import type { TaskError } from '../task/record.ts';
import { capResults } from './cap-results.ts';
import type { ContentItem, Report } from './provider.ts';
import type { Redaction } from './redaction.ts';
import { usageOf } from './usage.ts';

type Fields = Record<string, unknown>;

export const objectOf = (value: unknown): Fields | undefined => (isJsonObject(value) ? value : undefined);

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Hands the reviver a primitive's own text, which TypeScript does not know of yet. */
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/** @returns the object that the text holds; an integer too large for a number is the string of its digits */
export function answerIn(text: string): Fields | undefined {
  // A byte order mark is no JSON, but to be ignored (RFC 8259, 8.1).
  const json = text.replace(/^\uFEFF/, '');
  try {
    return objectOf(parse(json, withAllDigits));
  } catch (error) {
    // Some thousand levels are too deep for a reviver, and not for the parser: they cost digits, not the answer.
    return error instanceof RangeError ? objectOf(JSON.parse(json)) : undefined;
  }
}

const withAllDigits = (_: string, value: unknown, { source }: { readonly source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(source ?? '') ? source : value;

/** A task's id, under either name; ids are documented as strings, but a number names a task as well. */
export function idOf(task: Fields | undefined): string | undefined {
  const number = numberOf(task?.id) ?? numberOf(task?.task_id);
  return nameIn(task?.id) ?? nameIn(task?.task_id) ?? (number === undefined ? undefined : String(number));
}

/** A longer one would not fit into an address, or beside an outcome into a record. */
const MAX_ID = 1000;

function nameIn(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && text.length <= MAX_ID ? text.toWellFormed() : undefined;
}

/** Seconds that a task may take; an absurd estimate is none. */
export function estimateOf(value: unknown): number | undefined {
  const seconds = numberOf(value);
  return seconds !== undefined && seconds >= 0 && seconds <= A_DAY ? Math.round(seconds) : undefined;
}

const A_DAY = 86_400;

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** Every spelling that was documented or seen. `cancelled` is a trigger but no documented status. */
const statuses = new Map<string, Report['status']>(
  Object.entries({
    pending: 'pending',
    queued: 'pending',
    in_queue: 'pending',
    processing: 'processing',
    in_progress: 'processing',
    running: 'processing',
    completed: 'completed',
    success: 'completed',
    succeeded: 'completed',
    failed: 'failed',
    failure: 'failed',
    cancelled: 'failed',
    canceled: 'failed',
  }),
);

const cancelled: TaskError = {
  code: 'request_cancelled',
  message: 'The provider cancelled the task',
  type: 'task_error',
};

/** @returns nothing when there is no id or no known status: then it is no report about a task */
export function reportOf(
  task: Fields,
  content: readonly ContentItem[],
  redaction: Redaction,
): Report | undefined {
  const providerTaskId = idOf(task);
  const spelling = textOf(task.status)?.toLowerCase() ?? '';
  const status = statuses.get(spelling);
  if (!providerTaskId || !status) return undefined;
  const otherId = nameIn(task.task_id);
  const about = {
    providerTaskId,
    ...(otherId !== undefined && otherId !== providerTaskId && { otherId }),
    progress: percent(numberOf(task.progress) ?? 0),
  };
  const usage = usageOf(task.usage, redaction.content);
  switch (status) {
    case 'completed':
      return { ...about, status, ...capResults(content.map(cleanText(redaction))), usage };
    case 'failed':
      return { ...about, status, error: cancelledOr(spelling, task, redaction), usage };
    default:
      return { ...about, status };
  }
}

const cancelledOr = (spelling: string, task: Fields, redaction: Redaction): TaskError =>
  spelling.startsWith('cancel') ? cancelled : errorOf(task, redaction);

const cleanText =
  ({ content }: Redaction) =>
  (item: ContentItem): ContentItem =>
    item.type === 'text' ? { ...item, text: content(item.text) } : item;

/** Some count from 0 to 1 while a task runs, some to 100. */
const percent = (progress: number): number =>
  Math.round(Math.min(100, Math.max(0, progress > 0 && progress < 1 ? progress * 100 : progress)));

const MAX_MESSAGE = 1000;
const MAX_NAME = 100;

/** Cut between characters: a lone surrogate could not be stored. */
const short = (text: string, most: number): string => [...text].slice(0, most).join('');

/** A documented code keeps its leading zeros, also where a provider sends it as a number. */
const codeText = (code: number): string => (/^1021\d{3}$/.test(String(code)) ? `00${code}` : String(code));

/** An error as an object, a string, an integer code, `error_message`, or missing altogether. */
export function errorOf(task: Fields | undefined, redaction: Redaction): TaskError {
  const error = objectOf(task?.error);
  const plain = textOf(task?.error) ?? textOf(task?.error_message) ?? textOf(task?.message);
  const number = numberOf(error?.code) ?? numberOf(task?.error) ?? numberOf(task?.code);
  const code =
    textOf(error?.code) ?? textOf(task?.code) ?? (number === undefined ? undefined : codeText(number));
  const message = textOf(error?.message) ?? plain ?? 'The provider gave no reason';
  const clean = redaction.message;
  return {
    code: short(clean(code ?? 'unknown_error'), MAX_NAME),
    message: short(clean(message), MAX_MESSAGE),
    type: short(clean(textOf(error?.type) ?? 'task_error'), MAX_NAME),
  };
}
