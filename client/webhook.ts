/**
 * Verifies webhooks, as Standard Webhooks has them signed (its specification, "Signature scheme"):
 *
 *   webhook-id         the event's id, the same in every attempt: what a receiver remembers to take each once
 *   webhook-timestamp  of the attempt, in seconds
 *   webhook-signature  `v1,<base64>`, one for each secret that is good, with spaces between
 *
 * The signature is the HMAC-SHA256 of `<id>.<timestamp>.<body>`, of the body's bytes as they came.
 */
import type { Task } from './task.ts';

export type VerificationFailure =
  /** One of the three headers is missing, or there more than once. */
  | 'missing_header'
  | 'invalid_timestamp'
  /** More than 5 minutes old: sent again by somebody who once saw it, or the clocks differ. */
  | 'too_old'
  /** More than 5 minutes in the future. */
  | 'too_new'
  /** Changed on its way, forged, or signed with another key's secret. */
  | 'no_matching_signature'
  /** Rightly signed, and no JSON object. */
  | 'invalid_body';

/** The webhook is not to be believed; `reason` says why. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
  readonly reason: VerificationFailure;

  constructor(reason: VerificationFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface ReceivedWebhook {
  /** As it came, not parsed: text or bytes. */
  readonly body: string | Uint8Array;
  /** Of the request: `Headers`, or an object as Node and Lambda have it. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `whsec_…`; several while your own rotation goes on. */
  readonly secret: string | readonly string[];
  /** Milliseconds since 1970; the present unless told otherwise. */
  readonly now?: number | undefined;
}

export interface VerifiedWebhook {
  /** The same in every attempt. */
  readonly id: string;
  /** Of this attempt; seconds since 1970. */
  readonly timestamp: number;
  readonly task: Task;
}

const TOLERANCE_SECONDS = 300;
/** While a secret rotates there are two; who sends hundreds wants to keep us busy. */
const MOST_SIGNATURES = 10;
/** The specification's own bounds, in bytes. */
const SECRET_BYTES = { min: 24, max: 64 };

/**
 * @returns what the webhook says, once it is certain who said it
 * @throws WebhookVerificationError, whose `reason` names what is wrong; TypeError for a secret or body that is none
 */
export async function verifyWebhook(received: ReceivedWebhook): Promise<VerifiedWebhook> {
  const { headers, secret, now = Date.now() } = received;
  const body = bytesOf(received.body);
  const keys = [secret].flat().map(keyOf);
  if (keys.length === 0) throw new TypeError('secret must be at least one secret');
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = signaturesIn(header(headers, 'webhook-signature'));
  checkTime(timestamp, now);

  const signed = concatenated(new TextEncoder().encode(`${id}.${timestamp}.`), body);
  if (!(await someMatch(keys, signatures, signed))) {
    throw new WebhookVerificationError('no_matching_signature', 'No signature of the webhook matches');
  }
  return { id, timestamp: Number(timestamp), task: taskIn(body) };
}

function header(headers: ReceivedWebhook['headers'], name: string): string {
  const value =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  if (typeof value === 'string' && value !== '') return value;
  throw new WebhookVerificationError('missing_header', `The header ${name} must be there once`);
}

function checkTime(timestamp: string, now: number): void {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new WebhookVerificationError('invalid_timestamp', 'webhook-timestamp must be seconds since 1970');
  }
  const age = Math.floor(now / 1000) - Number(timestamp);
  if (age > TOLERANCE_SECONDS) {
    throw new WebhookVerificationError('too_old', `The webhook is ${age} s old`);
  }
  if (age < -TOLERANCE_SECONDS) {
    throw new WebhookVerificationError('too_new', `The webhook is ${-age} s in the future`);
  }
}

/** Those of version 1; what is no base64 cannot match. */
function signaturesIn(text: string): Uint8Array<ArrayBuffer>[] {
  return text
    .split(' ')
    .filter((one) => one.startsWith('v1,'))
    .slice(0, MOST_SIGNATURES)
    .flatMap((one) => fromBase64(one.slice('v1,'.length)) ?? []);
}

/** `verify` compares in constant time (Web Cryptography API, HMAC). */
async function someMatch(
  secrets: readonly Uint8Array<ArrayBuffer>[],
  signatures: readonly Uint8Array<ArrayBuffer>[],
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const secret of secrets) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['verify']);
    for (const signature of signatures) {
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return true;
    }
  }
  return false;
}

/** The message does not quote the secret. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = typeof secret === 'string' ? fromBase64(secret.replace(/^whsec_/, '')) : undefined;
  const { min, max } = SECRET_BYTES;
  if (key && key.length >= min && key.length <= max) return key;
  throw new TypeError(`secret must be whsec_ and ${min} to ${max} bytes in base64`);
}

function bytesOf(body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return new Uint8Array(body);
  throw new TypeError(
    'body must be the raw body, a string or bytes: parsed and written again it is another one',
  );
}

function taskIn(body: Uint8Array): Task {
  try {
    const task: unknown = JSON.parse(new TextDecoder().decode(body));
    if (task !== null && typeof task === 'object' && !Array.isArray(task)) return task as Task;
  } catch {
    // Told below.
  }
  throw new WebhookVerificationError('invalid_body', 'The body is no JSON object');
}

function concatenated(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
