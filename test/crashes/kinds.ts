/** The kinds of task that the crashes are walked for. */
import type { ProviderName } from '../../shared/providers/definitions.ts';

export interface Kind {
  readonly name: string;
  readonly provider: ProviderName;
  readonly images: number;
  /** Its end is sent to a receiver. */
  readonly webhook?: true;
  /** Its caller has a budget and limits. */
  readonly bound?: true;
}

export const KINDS: readonly Kind[] = [
  { name: 'evolink, 1 image', provider: 'evolink', images: 1 },
  { name: 'evolink, 2 images', provider: 'evolink', images: 2 },
  { name: 'vtrix', provider: 'vtrix', images: 1 },
  { name: 'with a webhook', provider: 'evolink', images: 1, webhook: true },
  { name: 'with a budget and limits', provider: 'evolink', images: 1, bound: true },
];

/** @param receiver where webhooks go */
export function requestOf({ provider, images, webhook }: Kind, prompt: string, receiver: string): object {
  if (provider === 'vtrix')
    return { model: 'wan25_t2i_preview', input: { prompt }, parameters: { n: images } };
  const request = { model: 'wan2.5-text-to-image', prompt, n: images };
  return webhook ? { ...request, callback_url: receiver } : request;
}
