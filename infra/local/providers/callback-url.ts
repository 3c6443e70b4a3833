/**
 * The documented rule for callback URLs: HTTPS only, no internal address, at most 2048 characters.
 * Names are judged as they are written; they are not resolved, so that a create needs no network.
 */
import ipaddr from 'ipaddr.js';

const internalName = /(^|\.)(localhost|local|internal|lan|home\.arpa)\.?$/;

/** What is wrong with the URL, or undefined. */
export function checkCallbackUrl(value: unknown, allowLoopback: boolean): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value.length > 2048) return 'must not be longer than 2048 characters';
  const url = URL.parse(value);
  if (url === null) return 'must be a valid URL';
  if (url.username !== '' || url.password !== '') return 'must not hold credentials';
  if (allowLoopback && isLoopback(url) && /^https?:$/.test(url.protocol)) return undefined;
  if (url.protocol !== 'https:') return 'must use HTTPS';
  if (isInternal(url)) return 'must not point to an internal address';
  return undefined;
}

/** Whether the host, as written, is a private, loopback, link-local or otherwise reserved address or name. */
export function isInternal(url: URL): boolean {
  const host = hostOf(url);
  if (ipaddr.isValid(host)) return ipaddr.process(host).range() !== 'unicast';
  return internalName.test(host) || !host.includes('.');
}

/** Whether the host is this machine. */
export function isLoopback(url: URL): boolean {
  const host = hostOf(url);
  if (ipaddr.isValid(host)) return ipaddr.process(host).range() === 'loopback';
  return host === 'localhost';
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
