/** Bundles the page's sources with esbuild: what they import becomes one script and one style sheet. */
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { modelLimits } from '../../shared/models/limits.ts';

/** @returns the text of each file by its name, `main.js` and `main.css` */
export async function bundleWeb(web: string): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { main: join(web, 'main.tsx') },
    outdir: web,
    write: false,
    bundle: true,
    minify: true,
    charset: 'utf8',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [limits],
  });
  return Object.fromEntries(outputFiles.map(({ path, text }) => [path.slice(web.length + 1), text]));
}

/** What models take, read from their schemas now: the page ships data, not a schema library. */
const limits: Plugin = {
  name: 'limits',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^wanhook:limits$/ }, ({ path }) => ({ path, namespace: 'limits' }));
    onLoad({ filter: /.*/, namespace: 'limits' }, () => ({
      contents: JSON.stringify(modelLimits()),
      loader: 'json',
    }));
  },
};
