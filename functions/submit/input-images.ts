/** Input images are inspected before anyone pays. Source: docs/models.md, "Input images". */

import { type Fetched, fetchImage, ImageUnavailable } from '../../shared/images/fetch.ts';
import type { ImageFacts } from '../../shared/images/inspect.ts';
import type { InputImage, Violation } from '../../shared/models/model.ts';
import { checkUrl, type GuardRules } from '../../shared/security/url-guard.ts';
import type { LossReason } from '../../shared/task/record.ts';
import { decodeDataUri, isDataUri } from './data-uri.ts';
import { judge, MAX_BYTES, TOO_LARGE } from './input-limits.ts';

export interface InputRules {
  /** Reserved ranges that the operator allows all the same. */
  readonly allowedRanges: readonly string[];
  /** Off: URLs are not fetched; data URIs are inspected all the same. */
  readonly fetch: boolean;
}

/** An input image that came inside the request. */
export interface InlineImage {
  readonly kind: 'inline';
  readonly facts: ImageFacts;
  readonly bytes: Buffer;
}

/** An input image that may go to the provider: as bytes, or by its own address. */
export type AcceptedInput = InlineImage | { readonly kind: 'remote'; readonly url: string };
export type InspectedInput = AcceptedInput | { readonly kind: 'refused'; readonly violation: Violation };

/** Size and colour type stand in the head of a file, behind a photograph's thumbnail at the worst. */
const HEAD_BYTES = 256 * 1024;
const FETCH_MS = 5000;
const WITHOUT_SIZE = 'must be a complete image, not one that ends before its size';

/** @returns one answer for each image, in their order */
export function inspectInputs(images: readonly InputImage[], rules: InputRules): Promise<InspectedInput[]> {
  return Promise.all(
    images.map(async (image) => (isDataUri(image.url) ? inspectInline(image) : inspectRemote(image, rules))),
  );
}

function inspectInline(image: InputImage): InspectedInput {
  const decoded = decodeDataUri(image.url);
  if (decoded.kind === 'refused') return refused(image, decoded.reason);
  const judgement = judge(decoded.bytes);
  if (judgement.kind === 'refused') return refused(image, judgement.reason);
  if (judgement.kind === 'undecided') return refused(image, WITHOUT_SIZE);
  return { kind: 'inline', facts: judgement.facts, bytes: decoded.bytes };
}

/** Refuses what is certainly wrong, for everyone; what we cannot reach or decide is left to the provider. */
async function inspectRemote(image: InputImage, rules: InputRules): Promise<InspectedInput> {
  const accepted = { kind: 'remote', url: image.url } as const;
  // Both protocols are documented for inputs, whatever the operator allows for results.
  const guard = { allowHttp: true, allowedRanges: rules.allowedRanges };
  const checked = checkUrl(image.url, guard);
  if (checked.kind === 'refused') return refused(image, checked.reason);
  if (!rules.fetch) return accepted;
  const fetched = await fetchHead(image.url, guard);
  if (!fetched) return accepted;
  if (fetched.kind === 'lost') {
    const reason = reasonOfLoss[fetched.reason];
    return reason ? refused(image, reason) : accepted;
  }
  const judgement = judge(fetched.bytes);
  if (judgement.kind === 'refused') return refused(image, judgement.reason);
  if (judgement.kind === 'undecided' && fetched.whole) return refused(image, WITHOUT_SIZE);
  return accepted;
}

/** A link that says no to us may say yes to the provider; these are the same for everyone. */
const reasonOfLoss: Partial<Record<LossReason, string>> = {
  forbidden_address: 'must not point to an internal address',
  too_large: TOO_LARGE,
};

/** @returns nothing when the host cannot be reached */
async function fetchHead(url: string, guard: GuardRules): Promise<Fetched | undefined> {
  const limits = { maxBytes: HEAD_BYTES, maxAnnouncedBytes: MAX_BYTES, timeoutMs: FETCH_MS, pausesMs: [] };
  try {
    // One budget for all hops: the caller is waiting.
    return await fetchImage(url, { ...guard, ...limits, headOnly: true }, AbortSignal.timeout(FETCH_MS));
  } catch (error) {
    if (error instanceof ImageUnavailable) return undefined;
    throw error;
  }
}

function refused({ param }: InputImage, reason: string): InspectedInput {
  return { kind: 'refused', violation: { code: 'invalid_parameters', message: `${param} ${reason}`, param } };
}
