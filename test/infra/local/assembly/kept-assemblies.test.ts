/** The place of kept assemblies, as several processes use it at once. */
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { type KeptAssemblies, keptAssemblies } from '../../../../infra/local/assembly/kept-assemblies.ts';
import { temporaryDirectory } from '../cloud/stacks.ts';

async function keep(kept: KeptAssemblies, fingerprint: string, text = fingerprint): Promise<void> {
  const room = await kept.room();
  await writeFile(join(room, 'manifest.json'), text);
  await kept.keep(fingerprint, room);
}

const manifest = (directory: string | undefined) => readFile(join(directory!, 'manifest.json'), 'utf8');

async function lastUsed(path: string, hoursAgo: number): Promise<void> {
  const then = new Date(Date.now() - hoursAgo * 3_600_000);
  await utimes(path, then, then);
}

test('what was never kept is not there, nor is the place', async () => {
  const kept = keptAssemblies(join(await temporaryDirectory(), 'assemblies'));

  expect(await kept.take('a')).toBeUndefined();
});

test('what was kept comes back as a copy of one’s own', async () => {
  const kept = keptAssemblies(await temporaryDirectory());
  await keep(kept, 'a');

  const first = await kept.take('a');
  await writeFile(join(first!, 'manifest.json'), 'scribbled');
  const second = await kept.take('a');

  expect(second).not.toBe(first);
  expect(await manifest(second)).toBe('a');
});

test('two that keep the same at once leave one of it, and nothing half-written', async () => {
  const directory = await temporaryDirectory();
  const [one, two] = [keptAssemblies(directory), keptAssemblies(directory)];

  await Promise.all([keep(one, 'a', 'same'), keep(two, 'a', 'same')]);

  expect(await readdir(directory)).toEqual(['a']);
  expect(await manifest(await one.take('a'))).toBe('same');
});

test('the six that were used last stay, and whatever was used within the hour', async () => {
  const directory = await temporaryDirectory();
  const kept = keptAssemblies(directory);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  for (const name of names) await keep(kept, name);
  for (const [age, name] of names.entries()) await lastUsed(join(directory, name), 10 - age);
  const copy = await kept.take('a');

  await keep(kept, 'new');

  const left = (await readdir(directory)).filter((name) => name !== basename(copy!));
  expect(left.sort()).toEqual(['a', 'e', 'f', 'g', 'h', 'new']);
  expect(await manifest(copy)).toBe('a');
});

test('what a killed process left is removed when it is old, what is under way stays', async () => {
  const directory = await temporaryDirectory();
  const kept = keptAssemblies(directory);
  const abandoned = await kept.room();
  await mkdir(join(abandoned, 'asset.1'));
  await lastUsed(abandoned, 2);
  const underWay = await kept.room();

  await keep(kept, 'a');

  expect((await readdir(directory)).map((name) => join(directory, name)).sort()).toEqual(
    [join(directory, 'a'), underWay].sort(),
  );
});
