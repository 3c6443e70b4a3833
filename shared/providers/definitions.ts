/**
 * The providers, as data: settings, environment, timers, stand-ins and the local start loop over them. It loads no
 * schema and no driver, so anybody may import it. A further provider is an entry here, a driver and a line in the
 * registry. The facts come from docs/providers.md and docs/models.md.
 */

export type ProviderDefinition = {
  /** As people write it. */
  readonly title: string;
  /** Where it answers, unless the operator says otherwise. */
  readonly baseUrl: string;
  /** What may be asked of each is in shared/models, in the file of that name. */
  readonly models: readonly string[];
} & (
  | { readonly callsBack: true }
  /** Never called back, so the first status read comes so many seconds after a task was created. */
  | { readonly callsBack: false; readonly firstReadSeconds: number }
);

export const definitions = {
  evolink: {
    title: 'EvoLink',
    baseUrl: 'https://api.evolink.ai',
    models: ['wan2.5-text-to-image', 'wan2.5-image-to-image'],
    callsBack: true,
  },
  vtrix: {
    title: 'Vtrix',
    baseUrl: 'https://cloud.vtrix.ai',
    models: ['wan25_t2i_preview', 'wan26_i2i'],
    callsBack: false,
    firstReadSeconds: 10,
  },
} as const satisfies Record<string, ProviderDefinition>;

export type ProviderName = keyof typeof definitions;
export type ModelName = (typeof definitions)[ProviderName]['models'][number];

export const providerNames = Object.keys(definitions) as readonly ProviderName[];

/** Every model, in the providers' order. */
export const modelNames: readonly ModelName[] = providerNames.flatMap((name) => definitions[name].models);

/** One value for each provider. */
export function forEachProvider<T>(
  valueFor: (name: ProviderName, definition: ProviderDefinition) => T,
): Record<ProviderName, T> {
  const entries = providerNames.map((name) => [name, valueFor(name, definitions[name])]);
  return Object.fromEntries(entries) as Record<ProviderName, T>;
}

const providersByModel = new Map<string, ProviderName>(
  providerNames.flatMap((name) => definitions[name].models.map((model) => [model, name] as const)),
);

/** The provider that a model is asked from. */
export const providerOf = (model: ModelName): ProviderName => providersByModel.get(model)!;

/** @param provider as a record names it; one that is no longer defined never calls back */
export const callsBack = (provider: string): boolean =>
  Object.hasOwn(definitions, provider) && definitions[provider as ProviderName].callsBack;

/** The models of all providers that do, or do not, call back. */
export const modelsThat = (callBack: boolean): readonly ModelName[] =>
  modelNames.filter((model) => callsBack(providerOf(model)) === callBack);

/** The shortest wait before a first status read: one queue serves all providers that never call back. */
export const firstReadSeconds = Math.min(
  ...Object.values<ProviderDefinition>(definitions).map((definition) =>
    definition.callsBack ? Number.POSITIVE_INFINITY : definition.firstReadSeconds,
  ),
);
