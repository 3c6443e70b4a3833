/** The control routes, /_stand-in/…: faults in, calls and tasks out, tasks ended by hand. Local use only, no key. */
import * as z from 'zod';
import { callbackBody, sendCallback } from '../callbacks.ts';
import { canHave } from '../faults/fault.ts';
import { type FaultRule, faultRuleSchema } from '../faults/rules.ts';
import type { Received, Reply } from '../http.ts';
import type { ProviderState } from '../provider-state.ts';
import { isOver, type Task } from '../task.ts';
import type { TaskView } from './views.ts';

const prefix = '/_stand-in/';
const completeSchema = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});

export function isControl(path: string): boolean {
  return path.startsWith(prefix);
}

/** Answers a control request: 400 explains a wrong body, 404 an unknown route or task, 409 a wrong moment. */
export async function control(received: Received, state: ProviderState): Promise<Reply> {
  const [, first = '', id, action] = received.path.split('/').slice(1);
  const key = received.query.get('key') ?? undefined;
  const name = `${received.method} ${first}`;
  try {
    if (id !== undefined) return await taskAction(received, `${name} ${action}`, state.tasks.get(id), state);
    return collection(received, name, key, state);
  } catch (error) {
    if (error instanceof z.ZodError) return { status: 400, body: { error: z.prettifyError(error) } };
    if (error instanceof SyntaxError) return { status: 400, body: { error: error.message } };
    throw error;
  }
}

function collection(received: Received, name: string, key: string | undefined, state: ProviderState): Reply {
  switch (name) {
    case 'POST faults':
      return addRule(faultRuleSchema.parse(jsonOf(received)), state);
    case 'GET faults':
      return { status: 200, body: state.rules.list(key) };
    case 'DELETE faults':
      state.rules.clear(key);
      return { status: 200, body: {} };
    case 'POST keys':
      return addKey(keySchema.parse(jsonOf(received)), state);
    case 'POST revoked-keys':
      return revokeKey(revocationSchema.parse(jsonOf(received)), state);
    case 'GET calls':
      return { status: 200, body: state.journal.of(key) };
    case 'DELETE calls':
      state.journal.clear(key);
      return { status: 200, body: {} };
    case 'GET tasks':
      return { status: 200, body: tasksOf(key, state).map((task) => viewOf(task, state)) };
    default:
      return { status: 404, body: { error: `No such control route: ${received.method} ${received.path}` } };
  }
}

const keySchema = z.strictObject({ account: z.string().min(1), key: z.string().min(1) });

function addKey({ account, key }: z.output<typeof keySchema>, state: ProviderState): Reply {
  state.accounts.add(account, key);
  return { status: 200, body: {} };
}

const revocationSchema = z.strictObject({
  key: z.string().min(1),
  status: z.literal([401, 403]).default(401),
});

function revokeKey({ key, status }: z.output<typeof revocationSchema>, state: ProviderState): Reply {
  state.accounts.revoke(key, status);
  return { status: 200, body: {} };
}

function addRule(rule: FaultRule, state: ProviderState): Reply {
  if (!canHave(state.protocol, rule.fault.kind)) {
    return {
      status: 400,
      body: { error: `${state.protocol.name} cannot have the fault ${rule.fault.kind}.` },
    };
  }
  state.rules.add(rule);
  return { status: 200, body: {} };
}

async function taskAction(
  received: Received,
  name: string,
  task: Task | undefined,
  state: ProviderState,
): Promise<Reply> {
  if (task === undefined) return { status: 404, body: { error: 'No such task.' } };
  switch (name) {
    case 'POST tasks complete': {
      if (isOver(task)) return { status: 409, body: { error: `The task is ${task.status} already.` } };
      task.release.resolve(completeSchema.parse(jsonOf(received)).error);
      return { status: 200, body: {} };
    }
    case 'POST tasks callback': {
      if (!isOver(task)) return { status: 409, body: { error: 'The task has no outcome yet.' } };
      if (task.order.callbackUrl === undefined) {
        return { status: 409, body: { error: 'The task has no callback URL.' } };
      }
      await sendCallback(task, state);
      return { status: 200, body: callbackBody(task, state) };
    }
    default:
      return { status: 404, body: { error: `No such control route: ${received.method} ${received.path}` } };
  }
}

function tasksOf(key: string | undefined, state: ProviderState): Task[] {
  return [...state.tasks.values()].filter((task) => key === undefined || task.key === key);
}

function viewOf(task: Task, state: ProviderState): TaskView {
  const { id, key, order, status, createdAt, completedAt, error, results, settled } = task;
  return {
    id,
    key,
    provider: state.protocol.name,
    model: order.model,
    prompt: order.prompt,
    images: order.images,
    status,
    createdAt,
    completedAt: completedAt ?? null,
    callbackUrl: order.callbackUrl ?? null,
    settled,
    error: error ?? null,
    results,
  };
}

function jsonOf(received: Received): unknown {
  const text = received.body?.toString() ?? '';
  return text === '' ? {} : JSON.parse(text);
}
