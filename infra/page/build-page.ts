/**
 * Builds the page for its function: one script, one style sheet and the icon, each under a name with its hash, and the
 * document that names them. CDK runs it when it bundles the function (infra/constructs/page.ts).
 *
 *   node infra/page/build-page.ts <directory>
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { PAGE_FILES, type PageFile } from '../../functions/page/page-file.ts';
import { bundleWeb } from './bundle-web.ts';
import { linkAssets } from './link-assets.ts';

const WEB = resolve(import.meta.dirname, '../../functions/page/web');
const ICON = 'icon.svg';

/** @throws Error when the sources do not compile, or the document and its files do not fit together */
export async function buildPage(web = WEB): Promise<PageFile[]> {
  const assets = { ...(await bundleWeb(web)), [ICON]: await readFile(join(web, ICON), 'utf8') };
  const named = Object.entries(assets).map(([name, text]) => ({
    name,
    hashed: hashedName(name, text),
    text,
  }));
  const template = await readFile(join(web, 'index.html'), 'utf8');
  const addresses = new Map(named.map(({ name, hashed }) => [name, `/assets/${hashed}`]));
  return [
    pageFile('', linkAssets(template, addresses), 'text/html'),
    ...named.map(({ hashed, text }) => pageFile(hashed, text, contentTypeOf(hashed))),
  ];
}

function pageFile(name: string, text: string, mediaType: string): PageFile {
  return {
    name,
    contentType: `${mediaType}; charset=utf-8`,
    entityTag: `W/"${hashOf(text)}"`,
    text,
    gzip: gzipSync(text, { level: 9 }).toString('base64'),
    br: brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }).toString(
      'base64',
    ),
  };
}

/** 16 characters that may stand in a path. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** `main.js` → `main-0123456789abcdef.js` */
function hashedName(name: string, text: string): string {
  const dot = name.lastIndexOf('.');
  return `${name.slice(0, dot)}-${hashOf(text)}${name.slice(dot)}`;
}

function contentTypeOf(name: string): string {
  const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
  const type = types[name.slice(name.lastIndexOf('.') + 1)];
  if (type === undefined) throw new Error(`No content type is known for ${name}`);
  return type;
}

const [, program, directory] = process.argv;
if (program && directory && import.meta.url === pathToFileURL(program).href) {
  await writeFile(join(directory, PAGE_FILES), JSON.stringify(await buildPage()));
}
