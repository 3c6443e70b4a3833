/**
 * Which addresses a caller may have its webhooks sent to (promise 9): public https ones, those in ranges that the
 * operator listed, and on a developer's machine plain http to a loopback address.
 */
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import {
  type CheckedUrl,
  checkUrl,
  FORBIDDEN_ADDRESS,
  type GuardRules,
  guardedLookup,
} from '../security/url-guard.ts';

export interface WebhookRules {
  /** CIDR ranges that are allowed although they are reserved; over https, as all others. */
  readonly allowedRanges: readonly string[];
  /** Plain http to a loopback address is allowed too, and to no other. */
  readonly allowLoopbackHttp: boolean;
}

/** What everyone may call, whatever an operator allows besides. */
export const publicHttps: WebhookRules = { allowedRanges: [], allowLoopbackHttp: false };

export const MAX_URL_LENGTH = 2048;
const LOOPBACK: GuardRules = { allowHttp: true, allowedRanges: ['127.0.0.0/8', '::1/128'] };

export type CheckedWebhookUrl =
  | { readonly kind: 'allowed'; readonly url: URL }
  /** `reason` ends a sentence that begins with the name of the field, and says what is allowed. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Whether a webhook may be sent there, as far as the URL itself tells. */
export function checkWebhookUrl(text: string, rules: WebhookRules): CheckedWebhookUrl {
  const allowed = allowedBy(rules);
  if (text.length > MAX_URL_LENGTH) {
    return { kind: 'refused', reason: `must have at most ${MAX_URL_LENGTH} characters; ${allowed}` };
  }
  const checked: CheckedUrl = checkUrl(text, guardRules(URL.parse(text), rules));
  return checked.kind === 'allowed' ? checked : { kind: 'refused', reason: `${checked.reason}; ${allowed}` };
}

/** A look-up for the connection itself: a name may lead elsewhere by then. */
export const webhookLookup = (url: URL, rules: WebhookRules): LookupFunction =>
  guardedLookup(guardRules(url, rules));

/**
 * Whether the name of a checked URL leads to an address that may not be called, as far as is known now: false too when it
 * does not resolve.
 */
export const leadsInside = (url: URL, rules: WebhookRules): Promise<boolean> =>
  new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    webhookLookup(url, rules)(host, { all: true }, (error) => resolve(error?.code === FORBIDDEN_ADDRESS));
  });

function guardRules(url: URL | null, { allowedRanges, allowLoopbackHttp }: WebhookRules): GuardRules {
  const isLocal = url?.protocol === 'http:' && isLoopback(url.hostname);
  return allowLoopbackHttp && isLocal ? LOOPBACK : { allowHttp: false, allowedRanges };
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
}

function allowedBy({ allowLoopbackHttp }: WebhookRules): string {
  const local = allowLoopbackHttp ? ', or an http URL of a loopback address' : '';
  return `allowed is a public https URL of at most ${MAX_URL_LENGTH} characters${local}`;
}
