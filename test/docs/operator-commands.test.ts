/** Every command for operators on our pages is one that its program reads, options and all. */
import { expect, test } from 'vitest';
import { readCommand } from '../../infra/operations/keys/read-command.ts';
import { textOf } from '../support/sources.ts';

const pages = ['docs/runbook.md', 'docs/deploy.md', 'docs/keys.md', 'README.md'];
const commands = pages.flatMap((page) =>
  [...textOf(page).matchAll(/npm run ([\w:-]+) -- ([^`#\n]*[^`#\s])/g)].map(
    ([, name = '', options = '']) => ({
      page,
      name,
      options,
    }),
  ),
);

/** What stands for a value of the reader's own; where words are left out there is no whole command. */
const argumentsOf = (options: string): string[] =>
  options
    .replace(/<[^>]*id>/g, 'key_0a1b2c3d')
    .replace(/<[^>]*>/g, 'acme')
    .split(/\s+/);

test('there are some to read', () => {
  expect(commands.filter(({ name }) => name === 'keys').length).toBeGreaterThan(5);
});

test.each(commands.filter(({ name, options }) => name === 'keys' && !/…|\.\.\.|\\/.test(options)))(
  '$page: npm run keys -- $options',
  ({ options }) => {
    expect(() => readCommand(argumentsOf(options))).not.toThrow();
  },
);

/** The options of the other programs, as their own usage line tells them. */
const sources: Readonly<Record<string, readonly string[]>> = {
  smoke: ['infra/operations/smoke.ts'],
  status: ['infra/operations/status/call.ts'],
  redrive: ['infra/operations/redrive.ts'],
  'rotate-signing-key': ['infra/operations/rotate-signing-key.ts'],
};

test.each(commands.filter(({ name }) => name in sources))('$page: npm run $name -- $options', (command) => {
  const text = sources[command.name]!.map(textOf).join('\n');

  for (const [, option] of command.options.matchAll(/--([\w-]+)/g)) {
    expect(text).toMatch(new RegExp(`['"]?${option}['"]?: \\{ type:`));
  }
});
