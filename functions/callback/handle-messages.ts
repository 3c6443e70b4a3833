/** Works off messages of the callbacks queue: one after the other, and none past one that has to come again. */
import type { SQSRecord } from 'aws-lambda';
import { type PostponeDependencies, postpone, triesOf } from '../../shared/runtime/retry-pauses.ts';
import type { QueuedMessage } from '../../shared/task/callback-message.ts';
import { type CallbackDependencies, handleCallback } from './callback.ts';

export type MessagesDependencies = CallbackDependencies & PostponeDependencies;

/** @returns the messages that have to come again */
export async function handleMessages(
  dependencies: MessagesDependencies,
  messages: readonly SQSRecord[],
  signal: AbortSignal,
): Promise<readonly SQSRecord[]> {
  for (const [nth, message] of messages.entries()) {
    // What came after it in its group must not overtake it.
    if (!(await isHandled(dependencies, message, signal))) return messages.slice(nth);
  }
  return [];
}

/** @returns false when the message has to be tried again */
async function isHandled(
  dependencies: MessagesDependencies,
  message: SQSRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const { telemetry } = dependencies;
  const queued = queuedIn(message);
  const { taskId } = queued;
  try {
    const handled = await handleCallback(dependencies, queued, signal);
    telemetry.count('CallbackHandled', handled);
    telemetry.info('callback', {
      handled,
      // A forged callback's task id is anybody's string.
      task: handled === 'forged' ? undefined : taskId,
      tries: triesOf(message),
    });
    return true;
  } catch (error) {
    telemetry.count('CallbackPostponed');
    telemetry.warn('callback postponed', { task: taskId, tries: triesOf(message), error });
    await postpone(dependencies, message);
    return false;
  }
}

function queuedIn({ body, attributes, messageAttributes }: SQSRecord): QueuedMessage {
  const { taskId, signature, kind } = messageAttributes;
  return {
    taskId: taskId?.stringValue ?? '',
    signature: signature?.stringValue ?? '',
    kind: kind?.stringValue,
    body,
    sentMs: Number(attributes.SentTimestamp),
  };
}
