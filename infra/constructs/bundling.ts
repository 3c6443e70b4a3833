/** How a function's code becomes one file. */
import { fileURLToPath } from 'node:url';

/** `require` for the CommonJS parts of the SDK, which an ES module does not have by itself. */
export const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

export const TARGET = 'node24';

/** Package entries in the order of preference: ES modules, of which esbuild drops what is not used. */
export const MAIN_FIELDS = ['module', 'main'];

/** Packages that are replaced (docs/decisions/dependencies.md). */
export const ALIASES: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-node': fileURLToPath(
    new URL('../../shared/runtime/lambda-credentials.ts', import.meta.url),
  ),
};
