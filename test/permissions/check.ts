/** Whether docs/permissions.md is what the system tests have just shown. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Row, testsByGrant } from './page.ts';
import type { PermissionRecord } from './records.ts';

const SYSTEM = join(import.meta.dirname, '../system');

/** Whether all system tests have left a record: only then can it be said what none of them needs. */
export function isComplete(records: readonly PermissionRecord[]): boolean {
  const recording = readdirSync(SYSTEM)
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => readFileSync(join(SYSTEM, name), 'utf8').includes('startSystem('));
  const seen = new Set(records.map(({ file }) => file));
  return recording.every((name) => seen.has(`test/system/${name}`));
}

/** What is wrong with the page, by grant; nothing when it is current. */
export function complaints(rows: readonly Row[], records: readonly PermissionRecord[]): string[] {
  const shown = testsByGrant(records);
  const listed = new Map(rows.map((row) => [row.grant, row]));
  const gone = rows
    .filter(({ grant }) => !shown.has(grant))
    .map(({ grant }) => `${grant}: is granted no more`);
  const wrong = [...shown].flatMap(([grant, tests]) => {
    const row = listed.get(grant);
    if (tests.length === 0) return [`${grant}: no test needs it`];
    if (!row) return [`${grant}: is not on the page`];
    // By file: what goes on in the background may fall into the next test of it.
    const isShown = !row.test || tests.some(({ file }) => file === row.test?.file);
    return isShown ? [] : [`${grant}: ${row.test?.file} does not need it`];
  });
  return [...gone, ...wrong];
}
