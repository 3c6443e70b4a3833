/** What `npm run crashes` is asked for. */
import { parseArgs } from 'node:util';
import { KINDS, type Kind } from './kinds.ts';
import { WALKED, type Walked } from './points.ts';

const USAGE = `Usage: npm run crashes -- [--only <function>]… [--kind <words>]… [--json]
  --only  walks this function only: ${WALKED.map((fn) => fn.toLowerCase()).join(', ')}
  --kind  for the kinds of task with these words in their name only: ${KINDS.map(({ name }) => `"${name}"`).join(', ')}
  --json  the figures as JSON, and nothing else on standard output`;

export interface CrashOptions {
  readonly functions: readonly Walked[];
  readonly kinds: readonly Kind[];
  readonly json: boolean;
}

/** @throws Error that says what is allowed */
export function readOptions(args: readonly string[]): CrashOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true, default: [] },
        kind: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
      },
    });
    const { only, kind, json } = values;
    return {
      functions: only.length === 0 ? WALKED : only.map(functionNamed),
      kinds: kind.length === 0 ? KINDS : kind.flatMap(kindsNamed),
      json,
    };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}

function functionNamed(name: string): Walked {
  const found = WALKED.find((fn) => fn.toLowerCase() === name.toLowerCase());
  if (!found) throw new Error(`--only ${name}: there is no such function among those that are walked`);
  return found;
}

function kindsNamed(words: string): readonly Kind[] {
  const found = KINDS.filter(({ name }) => name.includes(words));
  if (found.length === 0) throw new Error(`--kind ${words}: no kind of task has these words in its name`);
  return found;
}
