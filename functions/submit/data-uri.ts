/** Images that came inside a request: `data:{mime};base64,…`. Source: docs/models.md, "Input images". */
import { MAX_BYTES, TOO_LARGE } from './input-limits.ts';

export type Decoded =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** The reason ends a sentence that begins with the name of the field. */
  | { readonly kind: 'refused'; readonly reason: string };

const prefix = /^data:image\/(?:jpeg|jpg|png|bmp|webp);base64,/i;
const foreignCharacter = /[^A-Za-z0-9+/]/;
/** Base64 takes four characters for three bytes. */
const MAX_CHARACTERS = 4 * Math.ceil(MAX_BYTES / 3);

export const isDataUri = (url: string): boolean => /^data:/i.test(url);

/** Decodes no more than the largest image that is allowed. */
export function decodeDataUri(uri: string): Decoded {
  const head = prefix.exec(uri)?.[0];
  if (!head) {
    return refused(
      'must be data:{mime};base64,… with image/jpeg, image/png, image/bmp or image/webp for {mime}',
    );
  }
  const characters = uri.length - head.length;
  if (characters > MAX_CHARACTERS) return refused(TOO_LARGE);
  const content = uri.slice(head.length, uri.length - paddingOf(uri));
  if (characters % 4 !== 0 || content === '' || foreignCharacter.test(content)) {
    return refused('must be valid base64');
  }
  return { kind: 'bytes', bytes: Buffer.from(content, 'base64') };
}

const refused = (reason: string): Decoded => ({ kind: 'refused', reason });

const paddingOf = (uri: string): number => (uri.endsWith('==') ? 2 : uri.endsWith('=') ? 1 : 0);
