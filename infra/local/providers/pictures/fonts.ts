/**
 * Chinese and Latin glyphs from @fontsource/noto-sans-sc, loaded as a text needs them.
 * The font comes in 102 subsets: `chinese-simplified` holds some 7,300 common characters, the numbered ones hold rarer
 * characters by the ranges in unicode.json. Characters without a glyph in any are spelled out as [U+4E12].
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';

const folder = new URL('.', import.meta.resolve('@fontsource/noto-sans-sc/unicode.json'));
const registered = new Set<string>();
const drawable = new Map<string, boolean>();
const probe = createCanvas(32, 32);
// A noncharacter: drawn as the box that stands for a missing glyph.
const nobody = '\u{10FFFE}';
let subsetByCodePoint: Map<number, string> | undefined;

/** A CSS font family list that reaches every glyph of the text that the font has. */
export function familiesFor(text: string): string {
  const rare = [...new Set(text)].flatMap((character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return codePoint < 0x80 ? [] : [subsets().get(codePoint) ?? 'latin'];
  });
  return [...new Set(['latin', 'chinese-simplified', ...rare])].map(familyOf).join(',');
}

/** The text with each character that has no glyph spelled out by its code point, so that none is lost. */
export function spelledOut(text: string): string {
  const families = familiesFor(text);
  return [...text]
    .map((character) => (hasGlyph(character, families) ? character : named(character)))
    .join('');
}

/** Whether the families draw the character as anything but the box for a missing glyph. */
export function hasGlyph(character: string, families = familiesFor(character)): boolean {
  if ((character.codePointAt(0) ?? 0) < 0x80) return true;
  let known = drawable.get(character);
  if (known === undefined) {
    known = !pixelsOf(character, families).equals(pixelsOf(nobody, families));
    drawable.set(character, known);
  }
  return known;
}

function pixelsOf(character: string, families: string): Buffer {
  const context = probe.getContext('2d');
  context.clearRect(0, 0, probe.width, probe.height);
  context.font = `24px ${families}`;
  context.fillText(character, 2, 26);
  return Buffer.from(context.getImageData(0, 0, probe.width, probe.height).data);
}

function named(character: string): string {
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}

function familyOf(subset: string): string {
  const family = `Wanhook ${subset}`;
  if (!registered.has(subset)) {
    const file = new URL(`files/noto-sans-sc-${subset}-400-normal.woff2`, folder);
    if (GlobalFonts.registerFromPath(fileURLToPath(file), family) === null) {
      throw new Error(`The font file ${file.href} cannot be loaded.`);
    }
    registered.add(subset);
  }
  return `"${family}"`;
}

function subsets(): Map<number, string> {
  if (subsetByCodePoint !== undefined) return subsetByCodePoint;
  subsetByCodePoint = new Map();
  const ranges = JSON.parse(readFileSync(new URL('unicode.json', folder), 'utf8')) as Record<string, string>;
  for (const [subset, list] of Object.entries(ranges)) {
    for (const range of list.split(',')) {
      const [from = '', to = from] = range.replace('U+', '').split('-');
      for (let code = Number.parseInt(from, 16); code <= Number.parseInt(to, 16); code += 1) {
        subsetByCodePoint.set(code, subset.replace(/[[\]]/g, ''));
      }
    }
  }
  return subsetByCodePoint;
}
