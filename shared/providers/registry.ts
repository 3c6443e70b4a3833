/** Each provider's driver by name, and how drivers get the operator's keys. */
import { type Request, request as realRequest } from '../http/request.ts';
import type { Json } from '../runtime/json.ts';
import type { Remembered } from '../runtime/remembered.ts';
import { providerKeys } from '../security/secrets.ts';
import type { ProviderCost } from '../usage/charge.ts';
import { type ProviderName, providerNames } from './definitions.ts';
import { evolink } from './evolink.ts';
import type { Driver, Provider, Report } from './provider.ts';
import { redactionFor } from './redaction.ts';
import { vtrix } from './vtrix.ts';

const drivers: Record<ProviderName, Driver> = { evolink, vtrix };

const isKnown = (name: string): name is ProviderName => Object.hasOwn(drivers, name);

/**
 * @param key `fresh` reads the secret with the keys again: the remembered one may have been rotated
 * @returns nothing when the operator has set no key for this provider
 */
export type ProviderFinder = (name: string, key?: 'remembered' | 'fresh') => Promise<Provider | undefined>;

/**
 * Finds providers with the operator's keys.
 * @param baseUrls where each provider answers, by name
 * @param keys the string of the secret that holds them
 * @param request the network
 */
export function providerFinder(
  baseUrls: Readonly<Record<string, string>>,
  keys: Remembered<string>,
  request: Request = realRequest,
): ProviderFinder {
  return async (name, key = 'remembered') => {
    const apiKey = providerKeys(await (key === 'fresh' ? keys.again() : keys()))[name];
    if (!apiKey) return undefined;
    if (!isKnown(name))
      throw new Error(`There is no provider ${name}; there are ${providerNames.join(', ')}`);
    return drivers[name].connect({ baseUrl: baseUrls[name] ?? '', apiKey, request });
  };
}

/**
 * Reads a provider's report, from a callback or a status read.
 * @param apiKey our key there, which the provider may quote
 * @returns nothing when the text holds no report
 */
export function readReport(provider: string, text: string, apiKey?: string): Report | undefined {
  return isKnown(provider) ? drivers[provider].report(text, redactionFor(apiKey)) : undefined;
}

/** The figure in a usage that a provider reported; nothing when there is no usage, or no figure in it. */
export const costIn = (provider: string, usage: Json | undefined): ProviderCost | undefined =>
  usage !== undefined && isKnown(provider) ? drivers[provider].costIn(usage) : undefined;

export type ReportReader = (provider: string, text: string) => Promise<Report | undefined>;

/**
 * Reads reports, and takes the operator's keys out of them.
 * @param keys the string of the secret that holds them
 */
export function reportReader(keys: () => Promise<string>): ReportReader {
  return async (provider, text) => readReport(provider, text, providerKeys(await keys())[provider]);
}
