/**
 * What travels through the callbacks queue, so that every outcome takes one way to its record.
 *
 *   kind         put there by             body                        what the signature proves
 *   callback     HTTP API (no code)       the provider's, as it came  the callback URL: which task is meant
 *   read         check, submit            ours: JSON in ASCII         kind, task and body
 *   acceptance   submit                   ours: JSON in ASCII         kind, task and body
 *   refusal      submit                   ours: JSON in ASCII         kind, task and body
 *
 * The kinds are signed apart: whatever a path at the ingress injects into the attributes, it never makes a read of it.
 * Ours are ASCII, because SQS refuses U+FFFE, U+FFFF and most control characters, and a provider may say anything.
 */
import { isJsonObject } from '../runtime/json.ts';
import type { Signer } from '../security/signer.ts';
import type { Acceptance, End } from './store.ts';

/** A provider's answer to our own question about a task, or to its create. It is about the id that was asked for. */
export interface ReadMessage {
  readonly kind: 'read';
  readonly taskId: string;
  readonly providerTaskId: string;
  /** The answer's body, as it came. */
  readonly answer: Buffer;
}

/** A provider took a task, and the record may not show it. */
export interface AcceptanceMessage {
  readonly kind: 'acceptance';
  readonly taskId: string;
  readonly acceptance: Acceptance;
}

/** A provider certainly took no task, and the record may not show it. */
export interface RefusalMessage {
  readonly kind: 'refusal';
  readonly taskId: string;
  /** Whose create was refused: a later one's is no matter of this message. */
  readonly attempt: string;
  /** Where it was refused for good. */
  readonly final: End | undefined;
}

/** What our functions put into the queue themselves. */
export type OwnMessage = ReadMessage | AcceptanceMessage | RefusalMessage;

export type CallbackMessage =
  | { readonly kind: 'callback'; readonly taskId: string; readonly body: string }
  | OwnMessage;

/** A message as the queue holds it. */
export interface QueuedMessage {
  readonly taskId: string;
  readonly signature: string;
  /** Absent on what the HTTP API put there. */
  readonly kind?: string | undefined;
  readonly body: string;
  /** When the queue got it; milliseconds since 1970. */
  readonly sentMs?: number;
}

export function encodeMessage(signer: Signer, message: OwnMessage): QueuedMessage & { kind: string } {
  const { kind, taskId } = message;
  const body = asciiJson(contentOf(message));
  return { kind, taskId, body, signature: signer.message(kind, taskId, body) };
}

function contentOf(message: OwnMessage): object {
  switch (message.kind) {
    case 'read':
      return { provider_task_id: message.providerTaskId, answer: message.answer.toString('base64') };
    case 'acceptance':
      return message.acceptance;
    case 'refusal':
      return { attempt: message.attempt, final: message.final };
  }
}

/** @returns nothing when the signature does not hold: then nothing of the message may be believed */
export function decodeMessage(signer: Signer, queued: QueuedMessage): CallbackMessage | undefined {
  const { kind, taskId, signature, body } = queued;
  if (kind === undefined) {
    return signer.verifyCallback(taskId, signature) ? { kind: 'callback', taskId, body } : undefined;
  }
  if (kind !== 'read' && kind !== 'acceptance' && kind !== 'refusal') return undefined;
  return signer.verifyMessage(kind, taskId, body, signature) ? own(kind, taskId, body) : undefined;
}

function own(kind: OwnMessage['kind'], taskId: string, body: string): OwnMessage {
  const content: unknown = JSON.parse(body);
  if (!isJsonObject(content)) throw new Error(`A signed message of kind ${kind} is not a JSON object`);
  if (kind === 'acceptance') return { kind, taskId, acceptance: content as unknown as Acceptance };
  if (kind === 'refusal') {
    const { attempt, final } = content as Pick<RefusalMessage, 'attempt' | 'final'>;
    return { kind, taskId, attempt, final };
  }
  const answer = Buffer.from(String(content.answer), 'base64');
  return { kind, taskId, providerTaskId: String(content.provider_task_id), answer };
}

const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
