/** All providers by name. */
import { providerKeys } from '../security/secrets.ts';
import { evolink, evolinkReport } from './evolink.ts';
import type { Endpoint } from './http.ts';
import type { Provider, Report } from './provider.ts';
import { vtrix, vtrixReport } from './vtrix.ts';

const makers: Record<string, (endpoint: Endpoint) => Provider> = { evolink, vtrix };
const readers: Record<string, (text: string) => Report | undefined> = {
  evolink: evolinkReport,
  vtrix: vtrixReport,
};

/** @throws Error for a name that no model has */
function providerNamed(name: string, endpoint: Endpoint): Provider {
  const make = makers[name];
  if (!make) throw new Error(`There is no provider ${name}; there are ${Object.keys(makers).join(', ')}`);
  return make(endpoint);
}

/**
 * Finds providers with the operator's keys.
 * @param keys the text of the secret that holds them
 * @returns a function from a name to the provider, or to nothing when the operator has set no key for it
 */
export function providerFinder(baseUrls: Readonly<Record<string, string>>, keys: () => Promise<string>) {
  return async (name: string): Promise<Provider | undefined> => {
    const apiKey = providerKeys(await keys())[name];
    return apiKey ? providerNamed(name, { baseUrl: baseUrls[name] ?? '', apiKey }) : undefined;
  };
}

/** Reads a provider's word, from a callback or a status read. @returns nothing when it is none */
export function readReport(provider: string, text: string): Report | undefined {
  return readers[provider]?.(text);
}
