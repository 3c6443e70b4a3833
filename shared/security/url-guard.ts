/**
 * Which addresses we may talk to (promise 9): nothing private, loopback, link-local, metadata or otherwise reserved,
 * by name, by literal, by redirect or by a name that changes its answer, unless an operator listed that range.
 *
 *   literal host  → classified here, because a custom look-up is never asked about it
 *   name          → classified after the look-up, on the very addresses that are then connected to
 *   redirect      → the caller comes back here with the new URL
 */
import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface GuardRules {
  readonly allowHttp: boolean;
  /** CIDR ranges that are allowed although they are reserved. */
  readonly allowedRanges: readonly string[];
}

/** Ends a sentence that begins with the name of the field. */
export type RefusalReason =
  | 'is not a URL'
  | 'must use https'
  | 'must use http or https'
  | 'must not hold a user name or password'
  | 'must not point to an internal address';

/** What the look-up answers with when a name leads to a reserved address. */
export const FORBIDDEN_ADDRESS = 'FORBIDDEN_ADDRESS';

export type CheckedUrl =
  | { readonly kind: 'allowed'; readonly url: URL }
  | { readonly kind: 'refused'; readonly reason: RefusalReason };

/** Whether we may call this address, as far as the URL itself tells. */
export function checkUrl(text: string, rules: GuardRules): CheckedUrl {
  const url = URL.parse(text);
  if (!url) return refused('is not a URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refused(rules.allowHttp ? 'must use http or https' : 'must use https');
  }
  if (url.protocol === 'http:' && !rules.allowHttp) return refused('must use https');
  if (url.username || url.password) return refused('must not hold a user name or password');
  if (isReservedHost(url.hostname, rules)) return refused('must not point to an internal address');
  return { kind: 'allowed', url };
}

const refused = (reason: RefusalReason): CheckedUrl => ({ kind: 'refused', reason });

function isReservedHost(hostname: string, rules: GuardRules): boolean {
  // The URL parser has already turned decimal, octal and hex forms into dotted ones.
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  if (ipaddr.isValid(host)) return isReserved(host, rules);
  const name = host.toLowerCase();
  if (loopbackName.test(name)) return isReserved('127.0.0.1', rules);
  // An internal name is of use only to an operator who listed a range of a private network; then the look-up decides.
  return isInternalName(name) && !rules.allowedRanges.some(isOfNetwork);
}

/** Special-use names (RFC 6761, 6762, 8375), the usual ones of private networks, and names without a dot. */
const internalName = /\.(localdomain|local|internal|intranet|lan|home\.arpa)$/;
const isInternalName = (name: string): boolean => !name.includes('.') || internalName.test(name);
const loopbackName = /(^|\.)localhost$/;
const isOfNetwork = (range: string): boolean => ipaddr.parseCIDR(range)[0].range() !== 'loopback';

/** Whether an address is anything but public unicast; addresses inside addresses are unpacked first. */
export function isReserved(address: string, rules: Pick<GuardRules, 'allowedRanges'>): boolean {
  const parsed = ipaddr.process(address);
  const allowed = rules.allowedRanges.some((range) => {
    const [network, bits] = ipaddr.parseCIDR(range);
    return network.kind() === parsed.kind() && parsed.match(network as never, bits);
  });
  return !allowed && !isPublic(parsed);
}

/** All public IPv6 addresses are assigned from here; `::a.b.c.d`, an IPv4 address within, lies outside. */
const assignedIpv6 = ipaddr.IPv6.parseCIDR('2000::/3');

const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  address.range() === 'unicast' &&
  (address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(assignedIpv6));

/** A name look-up that answers only if every address of the name is allowed. */
export function guardedLookup(rules: GuardRules): LookupFunction {
  return (hostname, options, done) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0);
      if (addresses.some(({ address }) => isReserved(address, rules))) {
        const refusal = Object.assign(new Error('the name leads to a reserved address'), {
          code: FORBIDDEN_ADDRESS,
        });
        return done(refusal, '', 0);
      }
      const first = addresses[0]!;
      if (options.all) return done(null, addresses);
      return done(null, first.address, first.family);
    });
  };
}
