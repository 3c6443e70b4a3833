/** The crashes that were walked, for people. */
import { type Point, WALKED, type Walked, type When } from './points.ts';
import type { Walk } from './walk.ts';

export interface WalkedPoint extends Point, Pick<Walk, 'hasDied' | 'isGivenUp' | 'problems'> {
  readonly kind: string;
  readonly when: When;
}

export interface FunctionFigures {
  readonly fn: Walked;
  readonly walked: number;
  readonly passed: number;
  readonly failed: number;
  /** The function came to its end without this request: not walked, neither passed nor failed. */
  readonly notReached: number;
  /** Of the passed ones, those whose task ended with its 24 hours. */
  readonly givenUp: number;
}

export interface CrashResult {
  readonly functions: readonly FunctionFigures[];
  readonly seconds: number;
  readonly points: readonly WalkedPoint[];
  /** What `npm run usage -- --verify` says of all tasks at the end. */
  readonly ledger: string;
  readonly isLedgerRight: boolean;
}

export const hasFailed = ({ problems }: WalkedPoint): boolean => problems.length > 0;

export function figuresOf(points: readonly WalkedPoint[]): readonly FunctionFigures[] {
  return WALKED.flatMap((fn) => {
    const mine = points.filter((point) => point.fn === fn);
    if (mine.length === 0) return [];
    const failed = mine.filter(hasFailed).length;
    const right = mine.filter((point) => !hasFailed(point));
    const notReached = right.filter(({ hasDied }) => !hasDied).length;
    const passed = right.length - notReached;
    const givenUp = right.filter(({ isGivenUp }) => isGivenUp).length;
    return { fn, walked: passed + failed, passed, failed, notReached, givenUp };
  });
}

export const nameOf = ({
  fn,
  operation,
  nth,
  when,
  kind,
}: Omit<WalkedPoint, 'hasDied' | 'isGivenUp' | 'problems'>) =>
  `${fn.toLowerCase()} ${when} its ${nth}. ${operation} (${kind})`;

export function reportOf({ functions, seconds, points, ledger }: CrashResult): string {
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell, nth) => (nth === 0 ? String(cell).padEnd(10) : String(cell).padStart(12))).join('');
  const sum = (of: (figures: FunctionFigures) => number) =>
    functions.reduce((total, figures) => total + of(figures), 0);
  const cells = (name: string, value: (of: (figures: FunctionFigures) => number) => number) => [
    name,
    ...[
      ({ walked }: FunctionFigures) => walked,
      ({ passed }: FunctionFigures) => passed,
      ({ failed }: FunctionFigures) => failed,
      ({ givenUp }: FunctionFigures) => givenUp,
      ({ notReached }: FunctionFigures) => notReached,
    ].map(value),
  ];
  return [
    row(['function', 'walked', 'passed', 'failed', 'given up', 'not reached']),
    ...functions.map((figures) => row(cells(figures.fn.toLowerCase(), (of) => of(figures)))),
    row(cells('all', sum)),
    `in ${seconds.toFixed(0)} s; the ledger at the end: ${ledger}`,
    ...points.filter(hasFailed).map((point) => `✗ ${nameOf(point)}: ${point.problems.join('; ')}`),
    ...points
      .filter((point) => !hasFailed(point) && point.isGivenUp)
      .map((point) => `- given up: ${nameOf(point)}`),
    ...points
      .filter((point) => !hasFailed(point) && !point.hasDied)
      .map((point) => `- not reached: ${nameOf(point)}`),
  ].join('\n');
}
