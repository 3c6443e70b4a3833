/** Vtrix's protocol: envelope, status answers in every observed spelling, and no callbacks. */
import { randomUUID } from 'node:crypto';
import { type Fault, faultOf, faultSchema } from '../faults/fault.ts';
import { isObject, type ProviderProtocol, Refusal } from '../protocol.ts';
import { progressOf, type Task } from '../task.ts';
import { outputOf } from './output.ts';
import { validate } from './validate.ts';

type Spelling = Extract<Fault, { kind: 'spelling' }>;
const documented = faultSchema.parse({ kind: 'spelling' }) as Spelling;
const codes: Record<number, string> = {
  400: 'invalid_parameters',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'task_not_found',
  413: 'request_too_large',
  429: 'too_many_requests',
};
const idForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const dollarsAnImage = 0.03;

export const vtrix: ProviderProtocol = {
  name: 'vtrix',
  createPath: '/model/v1/generation',
  readPath: '/model/v1/generation/task/',
  // Not documented. Four data URIs of a few megabytes fit; four of the largest images do not.
  bodyLimit: 10 * 1024 * 1024,
  callsBack: false,
  ownFaults: ['empty-id', 'completed-at-once', 'spelling'],
  inputErrorCode: '001021095',
  newTaskId: () => randomUUID(),
  checkTaskId(id) {
    if (!idForm.test(id)) throw new Refusal(404, 'task_not_found', `No such task: ${id}`);
  },
  validate,
  promptOf,
  created: status,
  status,
  error: ({ code, message }) => ({ error: { code, message } }),
  codeFor: (code) => codes[code] ?? 'internal_error',
};

function status(task: Task, now: number): Record<string, unknown> {
  const spelling = faultOf(task.faults, 'spelling') ?? documented;
  const answer = answerOf(task, spelling, now);
  return spelling.wrapped ? { data: answer, status: { code: 200, message: 'success' } } : answer;
}

function answerOf(task: Task, spelling: Spelling, now: number): Record<string, unknown> {
  return {
    [spelling.id]: task.id,
    created_at: spelling.createdAt === 'iso' ? new Date(task.createdAt).toISOString() : epoch(task.createdAt),
    model: task.order.model,
    status: statusOf(task, spelling),
    ...(task.status === 'pending' || task.status === 'processing' ? { progress: progress(task, now) } : {}),
    ...(task.status === 'completed' ? completedFields(task, spelling) : {}),
    ...(task.error === undefined ? {} : errorFields(task, spelling)),
    metadata: {},
  };
}

function statusOf(task: Task, spelling: Spelling): string {
  if (task.status === 'pending' || task.status === 'processing') return spelling.running;
  if (task.status === 'cancelled') return faultOf(task.faults, 'cancel')?.spelling ?? 'cancelled';
  return task.status === 'completed' ? spelling.completed : task.status;
}

function progress(task: Task, now: number): number {
  return Math.floor(progressOf(task, now) * 100) / 100;
}

function completedFields(task: Task, spelling: Spelling): Record<string, unknown> {
  return {
    output: outputOf(task, spelling.output),
    usage: {
      cost: (dollarsAnImage * task.results.length).toFixed(2),
      discount: 1,
      image_count: task.results.length,
    },
  };
}

function errorFields(task: Task, spelling: Spelling): Record<string, unknown> {
  const { code, message } = task.error ?? { code: '', message: '' };
  if (faultOf(task.faults, 'fail')?.bare === true) return {};
  switch (spelling.error) {
    case 'object':
      return { error: { code, message } };
    case 'string':
      return { error: message };
    case 'integer':
      return { error: { code: numeric(code), message } };
    case 'number':
      return { error: numeric(code) };
    case 'error_message':
      return { error_message: message };
  }
}

function numeric(code: string): number {
  return /^\d+$/.test(code) ? Number(code) : 500;
}

function promptOf(body: unknown): string | undefined {
  if (!isObject(body) || !isObject(body.input)) return undefined;
  if (typeof body.input.prompt === 'string') return body.input.prompt;
  const message: unknown = Array.isArray(body.input.messages) ? body.input.messages[0] : undefined;
  const content: unknown[] = isObject(message) && Array.isArray(message.content) ? message.content : [];
  const text = content.find((item) => isObject(item) && typeof item.text === 'string');
  return isObject(text) ? String(text.text) : undefined;
}

function epoch(ms: number): number {
  return Math.floor(ms / 1000);
}
