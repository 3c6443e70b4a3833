/** docs/permissions.md: a table of every grant, and of a test that fails without it. Written by the audit, read by tests. */
import { AT_START, BETWEEN, type PermissionRecord } from './records.ts';

/** A test, by its file from the project's root and its whole name. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

export interface Row {
  readonly grant: string;
  /** Undefined where the stack does not even start without the grant. */
  readonly test: NamedTest | undefined;
  /** Whether the grant was really taken away and this test failed; otherwise a request of the test is on record that needed it. */
  readonly isProven: boolean;
}

/** Every test in which a grant was needed, by grant. */
export function testsByGrant(records: readonly PermissionRecord[]): Map<string, NamedTest[]> {
  const found = new Map<string, NamedTest[]>();
  for (const { file, grants, needed } of records) {
    for (const grant of grants) {
      const names = (needed[grant] ?? []).filter((name) => name !== BETWEEN);
      const tests = names.map((name) => ({ file, name }));
      found.set(grant, [...(found.get(grant) ?? []), ...tests]);
    }
  }
  return found;
}

/**
 * One row a grant. A test that a row of `before` names stays, as long as it still needs the grant; otherwise it is the
 * first one in the order of the records. Unless the records are of all tests, only grants that are new get a row.
 * @throws Error naming the grants that no test needs
 */
export function rowsOf(
  records: readonly PermissionRecord[],
  before: readonly Row[],
  { isWhole }: { readonly isWhole: boolean },
): Row[] {
  const known = new Map(before.map((row) => [row.grant, row]));
  const all = [...testsByGrant(records)].sort(([one], [other]) => (one < other ? -1 : 1));
  const unneeded = all
    .filter(([grant, tests]) => tests.length === 0 && (isWhole || !known.has(grant)))
    .map(([grant]) => grant);
  if (unneeded.length > 0) throw new Error(`no test needs what these grant:\n${unneeded.join('\n')}`);
  return all.map(([grant, tests]) => {
    const row = known.get(grant);
    if (row && !isWhole) return row;
    if (tests.some(({ name }) => name === AT_START)) return { grant, test: undefined, isProven: true };
    return tests.some((test) => isSame(test, row?.test))
      ? (row as Row)
      : { grant, test: tests[0], isProven: false };
  });
}

function isSame(one: NamedTest, other: NamedTest | undefined): boolean {
  return one.file === other?.file && one.name === other.name;
}

const NOT_STARTED = 'the stack does not start';
const headOf = (proven: number, all: number) => `# Permissions

What each function, integration and rule may do, and a test that fails when that is taken away. \`npm run audit:permissions\` writes this
page; a test fails when it is not current. For a new grant, \`npm run audit:permissions -- test/system/<name>.test.ts\` with a test that needs
it is enough.

In every system test a request that is refused fails the test's file. A grant counts as needed by a test when it alone allowed a
request, so without it that request would have been refused. Where Lambda asks for a permission when a function or its mapping is
created, nothing starts without it (\`test/system/permissions.test.ts\` takes these away in every run).

Of ${all} grants ${proven} were taken away one by one, and the named test failed of the refusal: those with a "yes". For the others the need of it is
on record only, until \`npm run audit:permissions -- --prove\` has taken them away too. Grants that no test needs: none; the audit fails of one.
`;
const PROVEN = 'yes';
const RECORDED = 'not yet';
const ROW = /^\| `([^`]+)` \| ([^|]+) \| (.+) \| ([^|]+) \|$/;
const TEST = /^`([^`]+)`: (.*)$/;

export function pageOf(rows: readonly Row[]): string {
  const holders = Map.groupBy(rows, ({ grant }) => grant.slice(0, grant.indexOf(': ')));
  const sections = [...holders].map(([holder, ofHolder]) =>
    [
      `## ${holder}`,
      '',
      '| action | on | fails without it | taken away |',
      '|---|---|---|---|',
      ...ofHolder.map((row) => lineOf(row, holder)),
      '',
    ].join('\n'),
  );
  const proven = rows.filter(({ isProven }) => isProven).length;
  return [headOf(proven, rows.length), ...sections].join('\n');
}

function lineOf({ grant, test, isProven }: Row, holder: string): string {
  const [action, resource] = grant.slice(holder.length + 2).split(' on ');
  const noticed = test ? `\`${test.file}\`: ${test.name.replaceAll('|', '&#124;')}` : NOT_STARTED;
  const cells = [`\`${action}\``, (resource ?? '').replaceAll('*', '\\*'), noticed];
  return `| ${[...cells, isProven ? PROVEN : RECORDED].join(' | ')} |`;
}

/** What `pageOf` has written. */
export function readPage(text: string): Row[] {
  const rows: Row[] = [];
  let holder = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) holder = line.slice(3);
    const [, action, resource = '', noticed = '', taken] = ROW.exec(line) ?? [];
    if (!action) continue;
    const [, file, name = ''] = TEST.exec(noticed) ?? [];
    rows.push({
      grant: `${holder}: ${action} on ${resource.replaceAll('\\*', '*')}`,
      test: file === undefined ? undefined : { file, name: name.replaceAll('&#124;', '|') },
      isProven: taken === PROVEN,
    });
  }
  return rows;
}
