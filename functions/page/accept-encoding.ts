/** Which of our encodings a client takes (RFC 9110, "Accept-Encoding"). */

/** Smallest first. */
const OURS = ['br', 'gzip', 'identity'] as const;
export type Encoding = (typeof OURS)[number];

/**
 * The encoding that the client likes best, and of those that it likes equally the smallest. A client that takes none of ours
 * gets the file as it is, which the RFC allows.
 */
export function encodingFor(acceptEncoding = ''): Encoding {
  const weights = weightsIn(acceptEncoding);
  const weightOf = (encoding: Encoding) =>
    weights.get(encoding) ?? weights.get('*') ?? (encoding === 'identity' ? LEAST : 0);
  const [best] = OURS.toSorted((one, other) => weightOf(other) - weightOf(one));
  return best && weightOf(best) > 0 ? best : 'identity';
}

/** What `identity` weighs when nobody names it: taken, but behind whatever is named. */
const LEAST = 0.0001;

function weightsIn(acceptEncoding: string): Map<string, number> {
  const entries = acceptEncoding
    .split(',')
    .map((entry): [string, number] => {
      const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return [name === 'x-gzip' ? 'gzip' : name, weight === undefined ? 1 : Number(weight.slice(2))];
    })
    .filter(([name, weight]) => name !== '' && weight >= 0 && weight <= 1);
  return new Map(entries);
}
