/** Which test needed which grant: written by every system test file when it ends, read by the audit. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { LocalCloud, Refusal } from '../../infra/local/cloud/index.ts';
import { labelOf } from './labels.ts';

/** What one test file saw. */
export interface PermissionRecord {
  /** From the root of the project. */
  readonly file: string;
  /** Every grant of the template. */
  readonly grants: readonly string[];
  /** By grant: the tests during which a request needed it; `(start)` for the boot, `(between)` for between two tests. */
  readonly needed: Readonly<Record<string, readonly string[]>>;
}

export const AT_START = '(start)';
export const BETWEEN = '(between)';
const root = join(import.meta.dirname, '../..');

/** Notes what the file's tests need, and fails the file when a request was refused. */
export function recordPermissions({ permissions }: LocalCloud, directory: string): void {
  const { testPath = '' } = expect.getState();
  const needed = new Map<string, Set<string>>();
  const note = (label: string, test: string) => needed.set(label, (needed.get(label) ?? new Set()).add(test));
  for (const grant of permissions.needed()) note(labelOf(grant), AT_START);
  permissions.onNeeded((grant) => note(labelOf(grant), expect.getState().currentTestName ?? BETWEEN));
  afterAll(async () => {
    const record: PermissionRecord = {
      file: relative(root, testPath),
      grants: permissions.grants().map(labelOf),
      needed: Object.fromEntries([...needed].map(([label, tests]) => [label, [...tests].sort()])),
    };
    await mkdir(directory, { recursive: true });
    await writeFile(
      join(directory, `${basename(testPath)}.${randomUUID()}.json`),
      JSON.stringify(record, undefined, 1),
    );
    const refused = permissions.refusals().map(refusedLine);
    if (refused.length > 0) throw new Error([...new Set(refused)].join('\n'));
  });
}

/** By this line the audit knows that a test has failed of a missing grant. */
export const refusedLine = ({ action, resource, principal }: Refusal): string =>
  `refused: ${action} on ${resource} to ${principal}`;

/** What all files in `directory` saw. */
export async function readRecords(directory: string): Promise<PermissionRecord[]> {
  const names = await readdir(directory);
  return Promise.all(
    names
      .sort()
      .map(async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as PermissionRecord),
  );
}
