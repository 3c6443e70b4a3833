/** Fonts for the pictures of the page, Chinese ones too: a bare machine has none, and the browser's package only Latin ones. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { inflateSync } from 'node:zlib';

const NOTO = join(
  dirname(createRequire(import.meta.url).resolve('@fontsource/noto-sans-sc/unicode.json')),
  'files',
);
const SUBSETS = ['latin', 'chinese-simplified'];
const WEIGHTS = [400, 700];

/**
 * Puts Noto Sans SC into the directory, and a configuration of fontconfig that knows it beside the machine's own fonts.
 * @returns what the browser's environment needs to find it
 */
export async function fontEnvironment(directory: string): Promise<Record<string, string>> {
  await mkdir(directory, { recursive: true });
  for (const name of SUBSETS.flatMap((subset) => WEIGHTS.map((weight) => `${subset}-${weight}`))) {
    const woff = await readFile(join(NOTO, `noto-sans-sc-${name}-normal.woff`));
    await writeFile(join(directory, `${name}.ttf`), openTypeOf(woff));
  }
  const configuration = join(directory, 'fonts.conf');
  await writeFile(
    configuration,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${directory}</dir>
  <cachedir>${join(directory, 'cache')}</cachedir>
</fontconfig>
`,
  );
  return { FONTCONFIG_FILE: configuration };
}

/** Unpacks a WOFF, which the browser takes from a page but not from the system (W3C, "WOFF File Format 1.0"). */
function openTypeOf(woff: Buffer): Buffer {
  if (woff.toString('latin1', 0, 4) !== 'wOFF') throw new Error('This is no WOFF file');
  const tables = Array.from({ length: woff.readUInt16BE(12) }, (_, index) => tableAt(woff, 44 + 20 * index));
  const header = Buffer.alloc(12 + 16 * tables.length);
  woff.copy(header, 0, 4, 8);
  header.writeUInt16BE(tables.length, 4);
  const power = Math.floor(Math.log2(tables.length));
  header.writeUInt16BE(2 ** power * 16, 6);
  header.writeUInt16BE(power, 8);
  header.writeUInt16BE(tables.length * 16 - 2 ** power * 16, 10);
  let offset = header.length;
  for (const [index, { tag, checksum, data, length }] of tables.entries()) {
    const at = 12 + 16 * index;
    header.write(tag, at, 'latin1');
    for (const [place, value] of [checksum, offset, length].entries()) {
      header.writeUInt32BE(value, at + 4 + 4 * place);
    }
    offset += data.length;
  }
  return Buffer.concat([header, ...tables.map(({ data }) => data)]);
}

/** One entry of the table directory, its data unpacked and filled up to a multiple of four bytes. */
function tableAt(woff: Buffer, at: number) {
  const [offset = 0, packedLength = 0, length = 0, checksum = 0] = [4, 8, 12, 16].map((place) =>
    woff.readUInt32BE(at + place),
  );
  const packed = woff.subarray(offset, offset + packedLength);
  const data = packedLength < length ? inflateSync(packed) : packed;
  const filled = Buffer.concat([data, Buffer.alloc(-length & 3)]);
  return { tag: woff.toString('latin1', at, at + 4), checksum, length, data: filled };
}
