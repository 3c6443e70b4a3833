/** Reads the curl commands of our pages, as a shell and curl would. */
import type { SentRequest } from './contract-client.ts';

/** @param variables for `$NAME` @throws Error for an option that is not known here */
export function readCurl(command: string, variables: Readonly<Record<string, string>>): SentRequest {
  const [name, ...words] = shellWords(command).map((word) => expand(word, variables));
  if (name !== 'curl') throw new Error(`not a curl command: ${command}`);
  const given = optionsIn(words);
  const url = new URL(given.url);
  if (given.asQuery) for (const pair of given.data) url.search += `${url.search ? '&' : ''}${pair}`;
  const body = given.asQuery || given.data.length === 0 ? undefined : given.data.join('&');
  return {
    method: given.method ?? (body === undefined ? 'GET' : 'POST'),
    path: `${url.pathname}${url.search}`,
    headers: Object.fromEntries(
      given.headers.map((header) => header.split(/:\s*(.*)/s, 2) as [string, string]),
    ),
    body,
  };
}

interface Options {
  url: string;
  method?: string;
  asQuery: boolean;
  readonly headers: string[];
  readonly data: string[];
}

function optionsIn(words: string[]): Options {
  const options: Options = { url: '', asQuery: false, headers: [], data: [] };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (withoutValue.has(word)) continue;
    if (word === '-G') options.asQuery = true;
    else if (!word.startsWith('-')) options.url = word;
    else if (!withValue.has(word)) throw new Error(`curl's option ${word} is not known here`);
    else set(options, word, words.shift() ?? '');
  }
  return options;
}

function set(options: Options, name: string, value: string): void {
  if (name === '-H') options.headers.push(value);
  if (name === '-d') options.data.push(value);
  if (name === '--data-urlencode') options.data.push(urlEncoded(value));
  if (name === '-X') options.method = value;
}

/** The last three change nothing of the request: retries, and what becomes of the answer. */
const withValue = new Set(['-H', '-d', '--data-urlencode', '-X', '--retry', '-o', '-w']);
/** Silence, brackets in a URL left alone, and retries. */
const withoutValue = new Set(['-s', '-g', '--retry-connrefused']);

/** `name=value`, of which the value is encoded. */
function urlEncoded(pair: string): string {
  const at = pair.indexOf('=');
  return `${pair.slice(0, at)}=${encodeURIComponent(pair.slice(at + 1))}`;
}

interface Word {
  readonly text: string;
  /** In single quotes a dollar sign is one. */
  readonly isLiteral: boolean;
}

/** Words of a command, of which each is quoted as a whole or not at all. */
function shellWords(command: string): Word[] {
  const words = command.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g);
  return [...words].map(([, single, double, bare]) => ({
    text: single ?? double ?? bare ?? '',
    isLiteral: single !== undefined,
  }));
}

function expand({ text, isLiteral }: Word, variables: Readonly<Record<string, string>>): string {
  if (isLiteral) return text;
  return text.replaceAll(/\$(\w+)/g, (_, name) => {
    if (!Object.hasOwn(variables, name)) throw new Error(`$${name} is no variable of our pages`);
    return variables[name]!;
  });
}
