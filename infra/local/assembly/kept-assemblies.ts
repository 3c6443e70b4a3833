/**
 * Assemblies that were synthesized before, each in a directory named by the fingerprint of what it depends on. Several
 * processes may use the same place at once: a directory appears whole, by a rename, and is never changed.
 */
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** So many that were used last are kept, and whatever was used within the last hour. */
const KEPT = 6;
const HOUR_MS = 3_600_000;
/** Being written, or one run's own copy. */
const TEMPORARY = 'temporary-';

export interface KeptAssemblies {
  /** A copy of one's own of the assembly of this fingerprint; undefined when it is not kept. */
  take(fingerprint: string): Promise<string | undefined>;
  /** An empty directory to write a new assembly into. */
  room(): Promise<string>;
  /** Keeps what was written into `room`, which is gone then. */
  keep(fingerprint: string, room: string): Promise<void>;
}

/** @param directory is made when it is not there */
export function keptAssemblies(directory: string): KeptAssemblies {
  async function room(): Promise<string> {
    await mkdir(directory, { recursive: true });
    return mkdtemp(join(directory, TEMPORARY));
  }
  return {
    room,

    async take(fingerprint) {
      const kept = join(directory, fingerprint);
      if (!(await exists(kept))) return undefined;
      await markUsed(kept);
      const copy = await room();
      await cp(kept, copy, { recursive: true });
      return copy;
    },

    async keep(fingerprint, written) {
      try {
        await rename(written, join(directory, fingerprint));
      } catch (error) {
        // Somebody else was faster, with the same fingerprint and so the same assembly.
        if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
        await rm(written, { recursive: true });
      }
      await forgetOld(directory);
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return (await usedAt(path)) !== undefined;
}

/** Milliseconds since 1970; undefined when it is not there. */
async function usedAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

const markUsed = (path: string) => utimes(path, new Date(), new Date());

/** Also what a killed process left behind. */
async function forgetOld(directory: string): Promise<void> {
  const paths = (await readdir(directory)).map((name) => join(directory, name));
  const entries = await Promise.all(paths.map(async (path) => ({ path, used: await usedAt(path) })));
  const old = entries.filter(({ used }) => used !== undefined && used < Date.now() - HOUR_MS);
  const isTemporary = ({ path }: { path: string }) => path.startsWith(join(directory, TEMPORARY));
  const newest = entries
    .filter((entry) => !isTemporary(entry))
    .sort((a, b) => (b.used ?? 0) - (a.used ?? 0))
    .slice(0, KEPT);
  for (const entry of old) {
    if (!newest.includes(entry)) await rm(entry.path, { recursive: true, force: true });
  }
}
