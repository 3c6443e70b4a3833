/**
 * A provider is a definition, a driver, a line in the registry, and its stand-in: nothing else knows it by name, so
 * that a further one needs no change anywhere else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { definitions, providerNames } from '../shared/providers/definitions.ts';

const root = join(import.meta.dirname, '..');
const places = [
  'infra',
  'functions',
  'shared',
  'cdk.json',
  'vitest.config.ts',
  'tsconfig.json',
  'biome.json',
];

const files = places.flatMap((place) => {
  if (/\.\w+$/.test(place)) return [place];
  return readdirSync(join(root, place), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
});

/** Where a provider may be named; the two registries name each in an import and in a map. */
const homesOf = (name: string) => [
  /^shared\/providers\/(definitions|registry)\.ts$/,
  new RegExp(`^shared/providers/${name}\\.ts$`),
  /^infra\/local\/providers\/index\.ts$/,
  new RegExp(`^infra/local/providers/${name}/`),
];

/** Its name, its title, or the host where it answers; in any case. */
const marksOf = (name: keyof typeof definitions) => {
  const { title, baseUrl } = definitions[name];
  const words = [name, title, new URL(baseUrl).hostname].map((word) => word.replaceAll('.', '\\.'));
  return new RegExp(words.join('|'), 'i');
};

test('there is something to look at, and each provider is where it belongs', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(providerNames.length).toBeGreaterThan(1);
  for (const name of providerNames) {
    for (const home of homesOf(name)) {
      expect(files.some((path) => home.test(path) && marksOf(name).test(textOf(path)))).toBe(true);
    }
  }
});

test.each(providerNames)('%s is named nowhere else', (name) => {
  const strangers = files.filter((path) => !homesOf(name).some((home) => home.test(path)));

  const named = strangers.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => (marksOf(name).test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );

  expect(named).toEqual([]);
  expect(strangers.filter((path) => marksOf(name).test(path))).toEqual([]);
});

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
