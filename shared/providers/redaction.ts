/**
 * A provider may quote what it was sent; what of it is a credential must not come back (promise 10). It is taken out
 * of messages and texts after they were parsed, never out of an answer's bytes: an id or an address stays as it is.
 */

export interface Redaction {
  /** What a provider says about a request: no key, and no right that a callback URL or a link to an image carries. */
  readonly message: (text: string) => string;
  /** What is a task's own (its texts, its usage): only our key. */
  readonly content: (text: string) => string;
}

/** @param apiKey our key at the provider; nothing where none is known */
export function redactionFor(apiKey = ''): Redaction {
  const key = apiKey === '' ? undefined : inAnyEncoding(apiKey);
  const content = (text: string) => (key ? text.replace(key, '…') : text);
  return {
    content,
    message: (text) => credentials.reduce((cleaned, found) => cleaned.replace(found, '$1…'), content(text)),
  };
}

/**
 * A character as it is, escaped as in JSON (`\/`, `\u002f`), or percent-encoded; each any number of times. Backslashes are
 * taken from the first of them on only: begun at each of 100,000, a search would take minutes.
 */
function encoded(character: string): string {
  // A letter or a digit has no reason to be escaped.
  if (/[A-Za-z0-9]/.test(character)) return character;
  const code = character.charCodeAt(0).toString(16).padStart(2, '0');
  return `(?:(?<!\\\\)\\\\*\\${character}|(?<!\\\\)\\\\+u00${code}|%(?:25)*${code})`;
}

/** In any case too, because hexadecimal digits come in both. */
const inAnyEncoding = (text: string): RegExp => new RegExp([...text].map(encoded).join(''), 'gi');

const slash = encoded('/');
const equals = encoded('=');
/** A word may begin behind a percent-encoded character, whose last digit may be a letter. */
const begin = '(?:\\b|(?<=%[0-9a-f]{2}))';

/** What stands before a credential is kept. */
const credentials = [
  `(${slash}v1${slash}(?:callbacks|(?:images|inputs)${slash}task_))[^\\s"'<>]*`,
  `${begin}(Bearer(?:\\s|%(?:25)*20|\\+)+|sk-)[\\w.-]+`,
  `${begin}(X-Amz-(?:Signature|Security-Token|Credential)${equals})[^\\s"'<>&]*`,
].map((pattern) => new RegExp(pattern, 'gi'));
