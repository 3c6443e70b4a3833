/** Which models there are and at which provider: for those who need the names without the schemas. */

export type ProviderName = 'evolink' | 'vtrix';

/** Every model by name; its rules are in the file of that name. */
export const providerOf = {
  'wan2.5-text-to-image': 'evolink',
  'wan2.5-image-to-image': 'evolink',
  wan25_t2i_preview: 'vtrix',
  wan26_i2i: 'vtrix',
} as const satisfies Record<string, ProviderName>;

export type ModelName = keyof typeof providerOf;

export const modelNames = Object.keys(providerOf) as readonly ModelName[];

export const modelsOf = (provider: ProviderName): ModelName[] =>
  modelNames.filter((name) => providerOf[name] === provider);
