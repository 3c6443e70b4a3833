/** EvoLink's protocol: task bodies, errors and ids as its pages show them. */
import { randomInt } from 'node:crypto';
import { faultOf } from '../faults/fault.ts';
import { isObject, type ProviderProtocol, Refusal } from '../protocol.ts';
import { junkOf, progressOf, type Task } from '../task.ts';
import { validate } from './validate.ts';

const createCodes: Record<number, string> = {
  400: 'invalid_request',
  401: 'unauthorized',
  402: 'insufficient_quota',
  403: 'model_access_denied',
  404: 'model_not_found',
  413: 'request_too_large',
  429: 'rate_limit_exceeded',
  500: 'internal_error',
  502: 'upstream_error',
  503: 'service_unavailable_error',
};
const readCodes: Record<number, string> = {
  400: 'invalid_task_id',
  401: 'unauthorized',
  402: 'quota_exceeded',
  403: 'permission_denied',
  404: 'task_not_found',
  429: 'rate_limit_exceeded',
  500: 'internal_error',
};
const errorTypes: Record<number, string> = {
  401: 'authentication_error',
  402: 'insufficient_quota_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
};
const idForm = /^task-unified-\d{10}-[0-9a-z]{8}$/;
const estimatedSeconds = 30;

export const evolink: ProviderProtocol = {
  name: 'evolink',
  createPath: '/v1/images/generations',
  readPath: '/v1/tasks/',
  // The vendor's own client explains 413 with "compress images to under 4MB".
  bodyLimit: 4 * 1024 * 1024,
  callsBack: true,
  ownFaults: [],
  inputErrorCode: 'image_processing_error',
  newTaskId: (now) => `task-unified-${epoch(now)}-${suffix()}`,
  checkTaskId(id) {
    if (!idForm.test(id)) throw new Refusal(400, 'invalid_task_id', `Invalid task ID: ${id}`);
  },
  validate,
  promptOf: (body) => (isObject(body) && typeof body.prompt === 'string' ? body.prompt : undefined),
  created: (task) => ({
    created: epoch(task.createdAt),
    id: task.id,
    model: task.order.model,
    object: 'image.generation.task',
    progress: 0,
    status: 'pending',
    task_info: { can_cancel: true, estimated_time: estimatedSeconds },
    type: 'image',
    usage: {
      billing_rule: 'per_call',
      credits_reserved: Math.round(task.order.images * 12) / 10,
      user_group: 'default',
    },
  }),
  status: (task, now) => {
    if (task.status === 'failed' || task.status === 'cancelled') return ended(task);
    return {
      created: epoch(task.createdAt),
      id: task.id,
      model: task.order.model,
      object: 'image.generation.task',
      progress: Math.floor(progressOf(task, now) * 100),
      ...(task.status === 'completed' ? { results: [...task.results, ...junkOf(task)] } : {}),
      status: task.status,
      task_info:
        task.status === 'completed'
          ? { can_cancel: false }
          : { can_cancel: true, estimated_time: estimatedSeconds },
      type: 'image',
    };
  },
  error: ({ status, code, message, param }) => ({
    error: { code, message, type: errorType(status), ...(param === undefined ? {} : { param }) },
  }),
  codeFor: (status, phase) => (phase === 'create' ? createCodes : readCodes)[status] ?? 'unknown_error',
};

/** The documented failed sample has neither `created` nor `task_info` nor `type`. */
function ended(task: Task): Record<string, unknown> {
  const cancel = faultOf(task.faults, 'cancel');
  const status = task.status === 'cancelled' && cancel !== undefined ? cancel.spelling : task.status;
  const fail = faultOf(task.faults, 'fail');
  const type = fail?.untyped === true ? {} : { type: 'task_error' };
  return {
    id: task.id,
    model: task.order.model,
    object: 'image.generation.task',
    progress: 0,
    status,
    ...(fail?.bare === true || task.error === undefined ? {} : { error: { ...task.error, ...type } }),
  };
}

function errorType(status: number): string {
  return errorTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
}

function epoch(ms: number): number {
  return Math.floor(ms / 1000);
}

function suffix(): string {
  return Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('');
}
