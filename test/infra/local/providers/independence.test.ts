/** The stand-ins are an independent witness: they share no code with Wanhook, and are used through one entrance. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../../..');
const providers = 'infra/local/providers';
const ownTests = 'test/infra/local/providers';
/** The one PNG encoder: the tests' own pictures come from it too. */
const pngEncoder = `${providers}/pictures/png.ts`;
const imported = /(?:\bfrom|\bimport)\s*\(?\s*(['"])(\.[^'"]+)\1/g;

/** Every relative import below the folder, as `from → to`. */
function importsIn(folder: string): { from: string; to: string }[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(imported)].map(([, , to = '']) => ({
        from: relative(root, file),
        to: relative(root, join(dirname(file), to)),
      })),
    );
}

test('they import nothing of the project but themselves', () => {
  const imports = importsIn(providers);

  expect(imports.length).toBeGreaterThan(50);
  expect(imports.filter(({ to }) => !to.startsWith(`${providers}/`))).toEqual([]);
});

test('everything else imports only their index, and the tests their PNG encoder', () => {
  const imports = ['infra', 'functions', 'shared', 'test']
    .flatMap(importsIn)
    .filter(({ to }) => to.startsWith(`${providers}/`))
    .filter(({ from }) => !from.startsWith(`${providers}/`) && !from.startsWith(`${ownTests}/`));

  expect(imports.length).toBeGreaterThan(0);
  expect(
    imports.filter(
      ({ from, to }) =>
        to !== `${providers}/index.ts` && !(to === pngEncoder && from.startsWith('test/support/')),
    ),
  ).toEqual([]);
});
