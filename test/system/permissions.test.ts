/** Every grant is on docs/permissions.md; a permission that Lambda asks for first is missed before anything starts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { startLocalCloud } from '../../infra/local/cloud/index.ts';
import { labelOf } from '../permissions/labels.ts';
import { readPage } from '../permissions/page.ts';
import { textOf } from '../support/sources.ts';
import { startSystem } from './system.ts';

const rows = readPage(textOf('docs/permissions.md'));
const system = await startSystem();

test('the page lists what the template grants, no more and no less', () => {
  const granted = new Set(system.cloud.permissions.grants().map(labelOf));

  expect(rows.length).toBeGreaterThan(50);
  expect(rows.map(({ grant }) => grant).sort()).toEqual([...granted].sort());
});

test('the tests that it names are there', () => {
  const files = new Set(rows.flatMap(({ test: named }) => (named ? [named.file] : [])));

  expect(files.size).toBeGreaterThan(5);
  for (const file of files)
    expect(readFileSync(join(import.meta.dirname, '../..', file), 'utf8')).toContain('test');
});

test.each(rows.filter(({ test: named }) => !named).map(({ grant }) => grant))(
  'without %s the stack does not start',
  async (grant) => {
    const cloud = startLocalCloud({
      assembly: inject('shared').assembly,
      withoutGrant: (one) => labelOf(one) === grant,
    });

    await expect(cloud).rejects.toThrow(
      /does not have permissions to call|Please ensure the role can perform|rings nobody/,
    );
  },
);
