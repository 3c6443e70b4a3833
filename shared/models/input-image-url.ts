/** The address of an input image: a URL (http or https), or the image itself as a data URI. */
import * as z from 'zod/mini';
import { checkUrl } from '../security/url-guard.ts';
import { saying } from './rules.ts';

/** Only the form; whether an internal address may be used after all is the operator's to say (images/input.ts). */
const anyWebAddress = { allowHttp: true, allowedRanges: ['0.0.0.0/0', '::/0'] };

export const isDataUri = (url: string): boolean => /^data:/i.test(url);

export const inputImageUrl = z
  .string({ error: 'must be an image URL (http or https) or data:{mime};base64,…' })
  .check(saying(problemOf))
  .register(z.globalRegistry, { format: 'uri' });

function problemOf(url: string): string | undefined {
  if (isDataUri(url)) return undefined;
  const checked = checkUrl(url, anyWebAddress);
  if (checked.kind === 'allowed') return undefined;
  return `${checked.reason}; allowed is an http or https URL, or data:{mime};base64,…`;
}
