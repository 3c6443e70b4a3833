/** How the functions' code becomes one file each. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

const FUNCTIONS = fileURLToPath(new URL('../../functions', import.meta.url));

/** What esbuild is told about every bundle; its entry point and where it goes come on top. */
export const BUNDLE = {
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // In the order of preference: ES modules, of which esbuild drops what is not used.
  mainFields: ['module', 'main'],
  // `require` for the CommonJS parts of the SDK, which an ES module does not have by itself.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  // Packages that are replaced (docs/decisions/dependencies.md).
  alias: {
    '@aws-sdk/credential-provider-node': fileURLToPath(
      new URL('../../shared/runtime/lambda-credentials.ts', import.meta.url),
    ),
  },
} as const satisfies BuildOptions;

/** The same with every request to AWS traced. */
export const TRACED_BUNDLE = {
  ...BUNDLE,
  inject: [fileURLToPath(new URL('../../shared/runtime/trace-clients.ts', import.meta.url))],
} as const satisfies BuildOptions;

type Bundles = ReadonlyMap<string, Uint8Array>;
/** By whether they are traced. */
const made = new Map<boolean, Bundles>();

/**
 * The bundle of `functions/<folder>/handler.ts`, one ES module. All functions are bundled when the first one is asked for:
 * they have most of their sources in common, and esbuild reads each of them once.
 * @throws Error when there is no such function, or one does not compile
 */
export function functionBundle(folder: string, isTraced: boolean): Uint8Array {
  const bundles = made.get(isTraced) ?? bundleFunctions(isTraced ? TRACED_BUNDLE : BUNDLE);
  made.set(isTraced, bundles);
  const bundle = bundles.get(folder);
  if (bundle === undefined) throw new Error(`there is no functions/${folder}/handler.ts`);
  return bundle;
}

/** By folder. */
function bundleFunctions(options: BuildOptions): Bundles {
  const handlers = readdirSync(FUNCTIONS)
    .map((folder) => join(FUNCTIONS, folder, 'handler.ts'))
    .filter((file) => existsSync(file));
  const { outputFiles = [] } = buildSync({
    ...options,
    entryPoints: handlers,
    outdir: FUNCTIONS,
    write: false,
    logLevel: 'warning',
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(dirname(path)), contents]));
}
