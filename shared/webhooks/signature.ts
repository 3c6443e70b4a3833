/** Signatures of Standard Webhooks (its specification, "Signature scheme"), by one secret or, while one rotates, by two. */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** A secret as callers hold it: `whsec_` and the key's bytes in base64; 24 to 64 bytes are allowed. */
export const webhookSecret = (key: Buffer): string => `${PREFIX}${key.toString('base64')}`;

export interface SignedWebhook {
  /** The event's id: the same in every attempt. */
  readonly id: string;
  /** Of this attempt; seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/** @param secrets newest first; a receiver accepts any of the signatures */
export function webhookHeaders({ id, timestamp, body }: SignedWebhook, secrets: readonly string[]) {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${digest}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
