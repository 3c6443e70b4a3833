/** The examples on our pages: fenced blocks of JSON and of shell. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Pages for callers; docs/providers.md shows what others answer. */
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (path) => path.endsWith('.md') && path !== 'docs/providers.md',
);

export interface Example {
  readonly page: string;
  /** What follows the language: the name of a component. */
  readonly name: string;
  readonly text: string;
  /** What the next block says, if it is the answer. */
  readonly answer: string;
}

export const examplesIn = (language: 'json' | 'sh'): Example[] =>
  pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(block)]
      .filter(([, found]) => found === language)
      .map(([, , name = '', text = '', answer = '']) => ({ page, name, text, answer })),
  );

/** A fenced block, and the JSON block that follows at once. */
const block = /^```(\w+) ?(\w*)\n(.*?)^```$(?=(?:\n\n```json[^\n]*\n(.*?)^```$)?)/gms;

/** Every curl command, alone. */
export const curlCommands = (): Example[] =>
  examplesIn('sh').flatMap((example) =>
    example.text
      .split(/(?<!\\)\n/)
      .filter((line) => line.startsWith('curl '))
      .map((text) => ({ ...example, text })),
  );

/** Whether the page shows that the command is refused. */
export const isRefused = ({ answer }: Example): boolean => /^\{\s*"error"/.test(answer);
