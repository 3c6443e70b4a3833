/** What a run of the tests says of every requirement, as the table of docs/promises.md. */
import type { Promised, Requirement } from './requirements.ts';

/** One test that ran. */
export interface Ran {
  /** As in `shownBy`: below `test`, without `.test.ts`. */
  readonly file: string;
  /** With the names of the groups around it. */
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
}

/** `UNCOVERED`: something of what should show it is not there, or did not run. */
export type Verdict = 'PASSED' | 'FAILED' | 'UNCOVERED';

export interface Shown {
  readonly requirement: Requirement;
  readonly verdict: Verdict;
  /** Tests that passed. */
  readonly cases: number;
}

export const fileOf = (shownBy: string): string => shownBy.split('#')[0]!;

export function judge(requirement: Requirement, runs: readonly Ran[]): Shown {
  const evidence = requirement.shownBy.map((shownBy) => testsOf(shownBy, runs));
  const all = evidence.flat();
  const cases = all.filter(({ state }) => state === 'passed').length;
  return { requirement, cases, verdict: verdictOf(evidence, all) };
}

function verdictOf(evidence: readonly (readonly Ran[])[], all: readonly Ran[]): Verdict {
  if (all.some(({ state }) => state === 'failed')) return 'FAILED';
  return evidence.every((tests) => tests.some(({ state }) => state === 'passed')) ? 'PASSED' : 'UNCOVERED';
}

function testsOf(shownBy: string, runs: readonly Ran[]): Ran[] {
  const [file, words = ''] = shownBy.split('#');
  return runs.filter((run) => run.file === file && run.name.includes(words));
}

const BEGIN = '<!-- the table: written by `npm run promises` -->';
const END = '<!-- the end of the table -->';

/** The page with the table that these runs make. @throws Error for a page without a place for it */
export function withTable(page: string, promises: readonly Promised[], runs: readonly Ran[]): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`The page needs ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${tableOf(promises, runs)}\n\n${END}${after}`;
}

function tableOf(promises: readonly Promised[], runs: readonly Ran[]): string {
  const rows = promises.flatMap(({ name, says, requirements }) => [
    `| **${name}** | **${says}** | | | |`,
    ...requirements.map((requirement) => rowOf(judge(requirement, runs))),
  ]);
  return ['| promise | requirement | shown by | cases | |', '|---|---|---|---|---|', ...rows].join('\n');
}

const rowOf = ({ requirement: { says, shownBy }, cases, verdict }: Shown): string =>
  `| | ${says} | ${shownBy.map(evidenceOf).join('<br>')} | ${cases} | ${verdict} |`;

function evidenceOf(shownBy: string): string {
  const [file, words] = shownBy.split('#');
  return words === undefined ? `\`${file}\`` : `\`${file}\`: ${words}`;
}
