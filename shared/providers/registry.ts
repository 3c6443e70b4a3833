/** All providers by name. */
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
export function providerNamed(name: string, endpoint: Endpoint): Provider {
  const make = makers[name];
  if (!make) throw new Error(`There is no provider ${name}; there are ${Object.keys(makers).join(', ')}`);
  return make(endpoint);
}

/** Reads a provider's word, from a callback or a status read. @returns nothing when it is none */
export function readReport(provider: string, text: string): Report | undefined {
  return readers[provider]?.(text);
}
