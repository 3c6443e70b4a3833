/**
 * Stand-ins for the providers, each an HTTP server on a port of its own, never kinder than the documents say.
 * They know nothing of Wanhook and share no code with it: what they accept and refuse is a second reading of the same
 * documents. Tests order faults and read what was called through the control routes (`control/routes.ts`).
 *
 *   const standIns = await startStandInProviders({ delayMs: 20, allowLoopbackCallbacks: true });
 *   await fetch(`${standIns.urls.evolink}/v1/images/generations`, { method: 'POST', … });
 *   await standIns.close();
 *
 * A further provider is a folder with its `ProviderProtocol` and a line in `protocols`.
 */
import { evolink } from './evolink/protocol.ts';
import { type StandInOptions, settingsFrom } from './options.ts';
import type { ProviderProtocol } from './protocol.ts';
import { type Provider, startProvider } from './provider.ts';
import { vtrix } from './vtrix/protocol.ts';

const protocols = { evolink, vtrix } satisfies Record<string, ProviderProtocol>;

export type { TaskView } from './control/views.ts';
export type { FaultInput } from './faults/fault.ts';
export type { FaultRuleInput, StruckRule } from './faults/rules.ts';
export type { CallbackEntry, Calls, DownloadEntry, RequestEntry } from './journal.ts';
export type { StandInOptions } from './options.ts';
export { colourTypes, encodePng, pngChunk, pngFile } from './pictures/png.ts';

export type ProviderName = keyof typeof protocols;
export const providerNames = Object.keys(protocols) as ProviderName[];

/** `urls` are base URLs by provider, without a slash at the end. */
export type StandInProviders = { urls: Record<ProviderName, string>; close(): Promise<void> };

/**
 * Starts all of them. Any non-empty Bearer key that does not begin with `invalid` is an account of its own.
 * Rejects when an option is unknown or impossible, or a port is taken.
 */
export async function startStandInProviders(options: StandInOptions = {}): Promise<StandInProviders> {
  const settings = settingsFrom(options);
  const unknown = Object.keys(settings.ports).find((name) => !Object.hasOwn(protocols, name));
  if (unknown !== undefined) {
    throw new Error(`ports: there is no provider ${unknown}; there are ${providerNames.join(', ')}`);
  }
  const started: [ProviderName, Provider][] = [];
  const close = async () => {
    await Promise.all(started.map(([, provider]) => provider.close()));
  };
  try {
    for (const name of providerNames) {
      started.push([name, await startProvider(protocols[name], settings, settings.ports[name] ?? 0)]);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const urls = Object.fromEntries(started.map(([name, { url }]) => [name, url]));
  return { urls: urls as Record<ProviderName, string>, close };
}
