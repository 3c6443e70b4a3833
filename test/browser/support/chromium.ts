/**
 * A Chromium to test with: the one that WANHOOK_BROWSER names, or the one in the npm package `@sparticuz/chromium`, which
 * brings the shared libraries that a bare machine lacks. It is unpacked once, into `.local/chromium-<version>`.
 */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

const ROOT = resolve(import.meta.dirname, '../../..');
const PACKAGE = resolve(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..');
/** What the package holds a binary for. */
const PLATFORM = 'linux-x64';

export interface Chromium {
  readonly executable: string;
  /** Where its libraries are. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Undefined where there is no browser to test with. */
export async function findChromium(): Promise<Chromium | undefined> {
  const named = process.env.WANHOOK_BROWSER;
  if (named) return { executable: named, environment: {} };
  if (`${process.platform}-${process.arch}` !== PLATFORM) return undefined;
  const { version } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
  const directory = join(ROOT, '.local', `chromium-${version}`);
  if (!(await exists(directory))) await unpack(directory);
  return {
    executable: join(directory, 'chromium'),
    environment: { LD_LIBRARY_PATH: join(directory, 'lib') },
  };
}

/** Appears whole: two that start at once do not disturb each other. */
async function unpack(directory: string): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  const temporary = await mkdtemp(`${directory}-`);
  const unpacked = async (name: string) =>
    brotliDecompressSync(await readFile(join(PACKAGE, 'bin', `${name}.br`)));
  await writeFile(join(temporary, 'chromium'), await unpacked('chromium'));
  await chmod(join(temporary, 'chromium'), 0o755);
  for (const name of ['al2023.tar', 'swiftshader.tar']) {
    const tar = spawnSync('tar', ['-x', '-C', temporary], { input: await unpacked(name) });
    if (tar.status !== 0) throw new Error(`${name} could not be unpacked: ${tar.error ?? tar.stderr}`);
  }
  try {
    await rename(temporary, directory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!(await exists(directory))) throw error;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
