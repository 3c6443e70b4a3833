/**
 * The form of an API key (docs/decisions/api-key-format.md):
 *
 *   whk_  32 random letters and digits  6 letters and digits: the CRC-32 of all before them, in base 62
 *
 * So a key that was mistyped or cut off is known without looking anywhere, and scanners find one that leaked.
 */
import { crc32 } from 'node:zlib';

/** In the order of their values, as ASCII has them. */
export const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export const KEY_PREFIX = 'whk_';
/** 62³² is more than 2¹⁹⁰. */
export const RANDOM_LENGTH = 32;
/** 62⁶ is more than 2³². */
const CHECKSUM_LENGTH = 6;

const form = new RegExp(`^${KEY_PREFIX}[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);

/** @param text the prefix and what is random */
export const withChecksum = (text: string): string =>
  text + inBase62(crc32(text)).padStart(CHECKSUM_LENGTH, BASE_62[0]);

export const isWellFormedKey = (key: string): boolean =>
  form.test(key) && withChecksum(key.slice(0, -CHECKSUM_LENGTH)) === key;

function inBase62(number: number): string {
  const digit = BASE_62[number % 62]!;
  return number < 62 ? digit : inBase62(Math.floor(number / 62)) + digit;
}
