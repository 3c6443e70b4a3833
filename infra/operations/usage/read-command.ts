/** Reads how `npm run usage` was called. */
import { parseArgs } from 'node:util';
import { dayOf } from '../../../shared/usage/rows.ts';
import { groupingOf, wrongRange } from '../../../shared/usage/usage-parameters.ts';
import type { ReportGrouping } from './report.ts';

export const USAGE =
  'Usage: npm run usage -- <outputs file of cdk deploy> [--from 2026-11-01] [--to 2026-11-30]\n' +
  '         [--group-by owner|day|model|key|metadata.<name>] [--csv | --json] [--endpoint <url>]\n' +
  '       npm run usage -- <outputs file of cdk deploy> --verify [--repair] [--json] [--endpoint <url>]';

export interface UsageCommand {
  readonly file: string;
  readonly endpoint?: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly grouping: ReportGrouping;
  readonly form: 'table' | 'csv' | 'json';
  readonly verify: boolean;
  readonly repair: boolean;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const options = {
  ...{ from: text, to: text, 'group-by': text, endpoint: text },
  ...{ csv: flag, json: flag, verify: flag, repair: flag },
};

/**
 * @param now milliseconds since 1970
 * @throws Error that says what is allowed
 */
export function readCommand(args: readonly string[], now: number): UsageCommand {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [file, ...more] = positionals;
  if (!file || more.length > 0) throw new Error('There must be one outputs file');
  const { csv, json, verify, repair, endpoint } = values;
  if (csv && json) throw new Error('--csv and --json exclude each other');
  if (repair && !verify) throw new Error('--repair goes with --verify');
  if (verify && csv) throw new Error('--verify has no CSV: --json, or none');
  const to = dateOf('to', values.to) ?? dayOf(now);
  const from = dateOf('from', values.from) ?? `${to.slice(0, 7)}-01`;
  const wrong = wrongRange(from, to, '--');
  if (wrong) throw new Error(wrong.message);
  return {
    file,
    endpoint,
    from,
    to,
    grouping: readGrouping(values['group-by'] ?? 'owner'),
    form: csv ? 'csv' : json ? 'json' : 'table',
    verify,
    repair,
  };
}

function dateOf(option: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const isDate = /^\d{4}-\d\d-\d\d$/.test(given) && !Number.isNaN(Date.parse(given));
  if (isDate && dayOf(Date.parse(given)) === given) return given;
  throw new Error(`--${option} must be a date like 2026-11-24, in UTC, not ${given}`);
}

function readGrouping(given: string): ReportGrouping {
  if (given === 'owner') return { kind: 'owner' };
  const name = /^metadata\.([A-Za-z0-9_.-]{1,64})$/.exec(given)?.[1];
  const grouping = groupingOf(given, name === undefined ? [] : [name]);
  if (grouping) return grouping;
  throw new Error(`--group-by must be owner, day, model, key or metadata.<name>, not ${given}`);
}
