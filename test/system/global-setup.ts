/**
 * Once for all system tests: the stand-in providers, and the stack synthesized to call them. Each test file then boots
 * a cloud of its own; accounts at the stand-ins are kept apart by their keys.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { localSettings } from '../../infra/local/deploy.ts';
import { startStandIn } from '../../infra/local/start-providers.ts';
import { synthesize } from '../../infra/local/synthesize.ts';
import type { ProviderName } from '../../shared/providers/definitions.ts';

export interface SharedParts {
  /** The stand-ins' base URLs. */
  readonly providers: Readonly<Record<ProviderName, string>>;
  /** As deployed, but that a provider without callbacks is first read after 1 s instead of 10. */
  readonly assembly: string;
  /** A callback is overdue after 1 s. */
  readonly hastyAssembly: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    shared: SharedParts;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'wanhook-system-'));
  const standIn = await startStandIn([
    ...['--quiet', '--pictures=plain', '--delay-ms=30', '--callback-retry-unit-ms=100'],
  ]);
  const { providers } = standIn;
  const settings = { ...localSettings, providerBaseUrls: providers };
  const synth = (name: string, more: object) =>
    synthesize({ outdir: join(directory, name), context: { wanhook: { ...settings, ...more } } });
  const [assembly, hastyAssembly] = await Promise.all([
    synth('assembly', { firstReadSeconds: 1 }),
    synth('hasty', { firstReadSeconds: 1, overdueSeconds: 1 }),
  ]);
  project.provide('shared', { providers, assembly, hastyAssembly });
  return async () => {
    await standIn.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
