/** A task's life: pending, processing, an outcome, the callback. */
import { callBack, resultLinks } from './callbacks.ts';
import { faultOf } from './faults/fault.ts';
import { filled } from './faults/placeholders.ts';
import { takeInput } from './input-images.ts';
import type { ProviderState } from './provider-state.ts';
import { isOver, type Task, type TaskError } from './task.ts';

const pendingShare = 0.2;

/** Lives the task to its end. Settles when the last callback has been delivered or given up. */
export async function runTask(task: Task, state: ProviderState): Promise<void> {
  const inputError = await Promise.race([work(task, state), task.release.promise]);
  const releasedWith = await settledValue(task.release.promise);
  settle(task, releasedWith ?? inputError ?? orderedError(task), state);
  await callBack(task, state);
  task.settled = true;
}

/** Waits as the provider would work. Resolves to an error when an input image is no good. */
async function work(task: Task, state: ProviderState): Promise<TaskError | undefined> {
  await state.pause(task.durationMs * pendingShare);
  if (!isOver(task)) task.status = 'processing';
  const error = await takeInputs(task, state);
  if (error !== undefined) return error;
  await state.pause(Math.max(0, task.createdAt + task.durationMs - state.settings.clock()));
  if (faultOf(task.faults, 'hold') !== undefined) await task.release.promise;
  return undefined;
}

async function takeInputs(task: Task, state: ProviderState): Promise<TaskError | undefined> {
  try {
    const inputs = await Promise.all(
      task.order.inputs.map((source) => takeInput(source, state.settings, state.signal)),
    );
    // Kept for drawing only: in a burst they would fill the memory.
    if (state.settings.pictures === 'drawn') task.inputs = inputs;
    return undefined;
  } catch (error) {
    return {
      code: state.protocol.inputErrorCode,
      message: error instanceof Error ? error.message : 'Bad image',
    };
  }
}

/** The error that the faults order for this task. */
function orderedError(task: Task): TaskError | undefined {
  const fail = faultOf(task.faults, 'fail');
  if (fail !== undefined) {
    return filled({ code: fail.code, message: fail.message }, { id: task.id, key: task.bearer });
  }
  if (faultOf(task.faults, 'cancel') === undefined) return undefined;
  return { code: 'request_cancelled', message: 'The request was cancelled.' };
}

function settle(task: Task, error: TaskError | undefined, state: ProviderState): void {
  task.completedAt = state.settings.clock();
  if (error === undefined) {
    task.status = 'completed';
    task.results = resultLinks(task, state);
  } else {
    const cancel = faultOf(task.faults, 'cancel');
    task.status = cancel === undefined || cancel.spelling === 'failed' ? 'failed' : 'cancelled';
    task.error = error;
  }
  state.log(`${task.id} ${task.status}`);
}

/** The value of a promise that has settled, or undefined when it has not. */
async function settledValue<T>(promise: Promise<T>): Promise<T | undefined> {
  return Promise.race([promise, Promise.resolve(undefined)]);
}
