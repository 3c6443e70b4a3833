/**
 * An assembly to boot from, synthesized only when something that it depends on has changed.
 *
 * Where the stand-in providers listen is another port each time. So the kept assembly names them by placeholders, which
 * are filled in afterwards; test/system/prepare-assembly.test.ts compares the result with a synthesized one.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { forEachProvider, type ProviderName, providerNames } from '../../../shared/providers/definitions.ts';
import { readSettings } from '../../settings.ts';
import { fingerprint } from './fingerprint.ts';
import { type KeptAssemblies, keptAssemblies } from './kept-assemblies.ts';
import { synthesize } from './synthesize.ts';

const PROJECT = resolve(import.meta.dirname, '../../..');

/** Base URLs by provider. */
export type ProviderUrls = Readonly<Record<ProviderName, string>>;

export interface AssemblyOptions {
  /** What cdk.json would say under `context.wanhook`, without the providers' base URLs. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** May still be on its way: it is waited for only after the synthesis. */
  readonly providerBaseUrls: ProviderUrls | Promise<ProviderUrls>;
  /** Told what is going on, line by line. */
  readonly progress?: (line: string) => void;
  /** The directory with cdk.json and infra/app.ts; this project by default. */
  readonly project?: string;
}

export interface PreparedAssembly {
  readonly directory: string;
  /** The local cloud reads it only while it boots. */
  remove(): Promise<void>;
}

/** @throws Error when a setting is wrong or the synthesis fails, saying what */
export async function prepareAssembly(options: AssemblyOptions): Promise<PreparedAssembly> {
  const { settings, project = PROJECT, progress = () => undefined } = options;
  const kept = keptAssemblies(join(project, '.local/assemblies'));
  const [directory, urls] = await Promise.all([
    takeOrSynthesize(kept, project, { ...settings, providerBaseUrls: placeholders }, progress),
    options.providerBaseUrls,
  ]);
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    await fillIn(directory, readSettings({ ...settings, providerBaseUrls: urls }).providerBaseUrls);
  } catch (error) {
    await remove();
    throw error;
  }
  return { directory, remove };
}

/** @returns a copy of one's own */
async function takeOrSynthesize(
  kept: KeptAssemblies,
  project: string,
  settings: Readonly<Record<string, unknown>>,
  progress: (line: string) => void,
): Promise<string> {
  const context = { wanhook: settings };
  for (;;) {
    const before = await fingerprint(project, context);
    const copy = await kept.take(before);
    if (copy !== undefined) return copy;
    progress('Synthesizing the stack: it is new, or its sources have changed …');
    const outdir = await kept.room();
    try {
      await synthesize({ project, outdir, context, progress });
    } catch (error) {
      await rm(outdir, { recursive: true, force: true });
      throw error;
    }
    // A file saved in the meantime may be in this assembly or not: it must not be kept under either fingerprint.
    if ((await fingerprint(project, context)) === before) await kept.keep(before, outdir);
    else await rm(outdir, { recursive: true, force: true });
  }
}

const placeholderOf = (provider: string) => `https://${provider}.base-url.invalid`;
const placeholders: ProviderUrls = forEachProvider(placeholderOf);

async function fillIn(directory: string, urls: ProviderUrls): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.template.json')) continue;
    const file = join(directory, name);
    let template = await readFile(file, 'utf8');
    for (const provider of providerNames) {
      template = template.replaceAll(placeholderOf(provider), JSON.stringify(urls[provider]).slice(1, -1));
    }
    await writeFile(file, template);
  }
}
