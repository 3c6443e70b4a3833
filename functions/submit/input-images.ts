/** Input images are looked at before anyone pays. Source: docs/models.md, "Input images". */

import { fetchImage, ImageUnavailable } from '../../shared/images/fetch.ts';
import { type ImageFacts, inspectHead } from '../../shared/images/inspect.ts';
import type { InputImage, Violation } from '../../shared/models/model.ts';
import { checkUrl } from '../../shared/security/url-guard.ts';
import type { LossReason } from '../../shared/task/record.ts';
import { hasTransparency } from './transparency.ts';

export interface InputRules {
  /** Reserved ranges that the operator allows all the same. */
  readonly allowedRanges: readonly string[];
  /** Off: URLs are not fetched; data URIs are looked at all the same. */
  readonly fetch: boolean;
}

/** An input image that came inside the request. */
export interface InlineImage extends ImageFacts {
  readonly bytes: Buffer;
}

/** What an input image proved to be: bytes to hand on, an address to hand on as it is, or a reason to refuse. */
export type Looked =
  | { readonly inline: InlineImage }
  | { readonly url: string }
  | { readonly violation: Violation };

const MAX_BYTES = 10 * 1024 * 1024;
const MIN_SIDE = 384;
const MAX_SIDE = 5000;
const allowedTypes = new Set(['image/jpeg', 'image/png', 'image/bmp', 'image/webp']);

/** Dimensions and colour type stand in the head of a file, behind a photograph's thumbnail at the worst. */
const HEAD_BYTES = 256 * 1024;
const FETCH_MS = 5000;

/** @returns one answer for each image, in their order */
export function lookAtInputs(images: readonly InputImage[], rules: InputRules): Promise<Looked[]> {
  return Promise.all(images.map((image) => lookAt(image, rules)));
}

async function lookAt(image: InputImage, rules: InputRules): Promise<Looked> {
  const refuse = (words: string): Looked => ({
    violation: { code: 'invalid_parameters', message: `${image.param} ${words}`, param: image.param },
  });
  if (/^data:/i.test(image.url)) {
    const bytes = decode(image.url);
    const facts = typeof bytes === 'string' ? bytes : judge(bytes, true);
    if (typeof bytes === 'string' || typeof facts === 'string') return refuse(String(facts));
    return { inline: { ...facts!, bytes } };
  }
  const words = await problemOfUrl(image.url, rules);
  return words ? refuse(words) : { url: image.url };
}

/** @returns the words that refuse it; nothing also where the provider has to judge, because we cannot reach it */
async function problemOfUrl(url: string, rules: InputRules): Promise<string | undefined> {
  // Both protocols are documented for inputs, whatever the operator allows for results.
  const guard = { allowHttp: true, allowedRanges: rules.allowedRanges };
  const checked = checkUrl(url, guard);
  if (checked.kind === 'refused') return checked.reason;
  if (!rules.fetch) return undefined;
  try {
    const limits = { maxBytes: HEAD_BYTES, maxAnnouncedBytes: MAX_BYTES, timeoutMs: FETCH_MS, pausesMs: [] };
    // One budget for all hops: the caller is waiting.
    const budget = AbortSignal.timeout(FETCH_MS);
    const fetched = await fetchImage(url, { ...guard, ...limits, headOnly: true }, budget);
    if (fetched.kind === 'lost') return wordsForLost[fetched.reason];
    const facts = judge(fetched.bytes, fetched.whole);
    return typeof facts === 'string' ? facts : undefined;
  } catch (error) {
    if (error instanceof ImageUnavailable) return undefined;
    throw error;
  }
}

const tooLarge = 'must have at most 10 MB';

/** A link that says no may say yes to the provider; the other reasons are the same for everyone. */
const wordsForLost: Partial<Record<LossReason, string>> = {
  forbidden_address: 'must not point to an internal address',
  too_large: tooLarge,
};

const wrongType = 'must be a JPEG, PNG without transparency, BMP or WEBP image';

/** @returns what the image is, the words that refuse it, or nothing when its head alone does not tell */
function judge(bytes: Buffer, whole: boolean): ImageFacts | string | undefined {
  if (bytes.length > MAX_BYTES) return tooLarge;
  const facts = inspectHead(bytes);
  if (facts.kind === 'cut_short' && !whole) return undefined;
  if (facts.kind !== 'image') return wrongType;
  if (!allowedTypes.has(facts.contentType) || hasTransparency(bytes)) return wrongType;
  const sides = [facts.width, facts.height];
  if (sides.some((side) => side < MIN_SIDE || side > MAX_SIDE)) {
    return `must be ${MIN_SIDE}–${MAX_SIDE} pixels wide and high, not ${sides.join('×')}`;
  }
  return facts;
}

const dataUri = /^data:image\/(?:jpeg|jpg|png|bmp|webp);base64,/i;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

function decode(uri: string): Buffer | string {
  const head = dataUri.exec(uri)?.[0];
  if (!head) return 'must be data:{mime};base64,… with image/jpeg, image/png, image/bmp or image/webp';
  const content = uri.slice(head.length);
  if (content.length % 4 !== 0 || !base64.test(content)) return 'must hold valid base64';
  return Buffer.from(content, 'base64');
}
