/** The tasks whose cost is counted. */

export interface Case {
  readonly name: string;
  readonly provider: 'evolink' | 'vtrix';
  readonly images: number;
  /** The request; what it says of a webhook is added to it. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly hasWebhook?: true;
  /** The owner has a budget, and the key a limit on images at once. */
  readonly hasBudget?: true;
}

/** Some 200 characters, as prompts for images are. */
const prompt =
  'A small red fishing boat on a calm lake at dawn, mist over the water, snow-covered mountains behind it, a ' +
  'wooden pier on the left, soft warm light, film grain, wide angle, highly detailed, quiet mood';

const evolink = (n: number) => ({ model: 'wan2.5-text-to-image', prompt, size: '1280x1280', n });
const vtrix = (n: number) => ({ model: 'wan25_t2i_preview', input: { prompt }, parameters: { n } });

export const cases: readonly Case[] = [
  { name: 'EvoLink, n = 1', provider: 'evolink', images: 1, body: evolink(1) },
  { name: 'EvoLink, n = 4', provider: 'evolink', images: 4, body: evolink(4) },
  { name: 'Vtrix, n = 1', provider: 'vtrix', images: 1, body: vtrix(1) },
  { name: 'Vtrix, n = 4', provider: 'vtrix', images: 4, body: vtrix(4) },
  {
    name: 'EvoLink, n = 1, with a webhook',
    provider: 'evolink',
    images: 1,
    body: evolink(1),
    hasWebhook: true,
  },
  {
    name: 'EvoLink, n = 1, with a budget',
    provider: 'evolink',
    images: 1,
    body: evolink(1),
    hasBudget: true,
  },
];
