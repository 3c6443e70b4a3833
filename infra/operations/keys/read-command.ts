/** Reads the command line of `npm run keys`. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { type KeyLimits, ownerPattern } from '../../../shared/security/api-keys.ts';
import type { Budget } from '../../../shared/usage/rows.ts';
import {
  BadInput,
  type Change,
  readAmount,
  readCount,
  readCurrency,
  readModels,
  readOverlap,
} from './options.ts';

export type Command =
  | { readonly name: 'create'; readonly owner: string; readonly limits: Change<KeyLimits> }
  | { readonly name: 'list'; readonly owner: string | undefined }
  | { readonly name: 'disable' | 'enable'; readonly keyId: string }
  | { readonly name: 'limits'; readonly keyId: string; readonly change: Change<KeyLimits> }
  | { readonly name: 'budget'; readonly owner: string; readonly change: Change<Budget> | 'clear' }
  | { readonly name: 'rotate'; readonly keyId: string; readonly overlapSeconds: number }
  | { readonly name: 'rotate-webhook-secret'; readonly keyId: string; readonly force: boolean };

export interface Called {
  readonly command: Command;
  /** The outputs file. */
  readonly file: string;
  readonly endpoint: string | undefined;
  readonly json: boolean;
}

/** Of options that take a value it is a text; of the others whether they are there. */
type Values = Readonly<Record<string, string | boolean | undefined>>;

interface Form {
  /** What follows the outputs file. */
  readonly usage: string;
  /** What the argument after the outputs file is; without it there is none. */
  readonly subject?: 'key id' | 'owner';
  readonly options: ParseArgsOptionsConfig;
  readonly read: (values: Values, subject: string) => Command;
}

const value = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const limitOptions = { 'requests-per-minute': value, 'images-at-once': value, models: value };
const limitUsage = '[--requests-per-minute N|none] [--images-at-once N|none] [--models NAME,…|any]';

const forms: Record<Command['name'], Form> = {
  create: {
    usage: `--owner NAME ${limitUsage}`,
    options: { owner: value, ...limitOptions },
    read: (values) => ({ name: 'create', owner: ownerNamed(values.owner), limits: limitsIn(values) }),
  },
  list: {
    usage: '[--owner NAME]',
    options: { owner: value },
    read: (values) => ({ name: 'list', owner: given(values, 'owner') }),
  },
  disable: {
    usage: '<key id>',
    subject: 'key id',
    options: {},
    read: (_, keyId) => ({ name: 'disable', keyId }),
  },
  enable: {
    usage: '<key id>',
    subject: 'key id',
    options: {},
    read: (_, keyId) => ({ name: 'enable', keyId }),
  },
  limits: {
    usage: `<key id> ${limitUsage}`,
    subject: 'key id',
    options: limitOptions,
    read: (values, keyId) => ({ name: 'limits', keyId, change: limitsIn(values) }),
  },
  budget: {
    usage:
      '<owner> [--images-per-day N|none] [--images-per-month N|none] [--amount-per-day X|none] [--amount-per-month X|none] ' +
      '[--currency CODE] [--clear]',
    subject: 'owner',
    options: {
      'images-per-day': value,
      'images-per-month': value,
      'amount-per-day': value,
      'amount-per-month': value,
      currency: value,
      clear: flag,
    },
    read: (values, owner) => ({ name: 'budget', owner, change: budgetIn(values) }),
  },
  rotate: {
    usage: '<key id> [--overlap 24h]',
    subject: 'key id',
    options: { overlap: value },
    read: (values, keyId) => ({
      name: 'rotate',
      keyId,
      overlapSeconds: readOverlap(given(values, 'overlap') ?? '24h'),
    }),
  },
  'rotate-webhook-secret': {
    usage: '<key id> [--force]',
    subject: 'key id',
    options: { force: flag },
    read: (values, keyId) => ({ name: 'rotate-webhook-secret', keyId, force: values.force === true }),
  },
};

const formOf = (name: string | undefined): Form | undefined =>
  name !== undefined && Object.hasOwn(forms, name) ? forms[name as Command['name']] : undefined;

/** How one command is called, or all where there is none of this name. */
export function usageOf(name: string | undefined): string {
  const shown = formOf(name) ? [name as Command['name']] : (Object.keys(forms) as Command['name'][]);
  const lines = shown.map(
    (one) => `npm run keys -- ${one} <outputs file> ${forms[one].usage} [--endpoint URL] [--json]`,
  );
  return `Usage: ${lines.join('\n       ')}`;
}

/** @throws BadInput that says what is allowed */
export function readCommand([name, ...args]: readonly string[]): Called {
  const form = formOf(name);
  if (!form) throw new BadInput(`The command must be one of ${Object.keys(forms).join(', ')}`);
  const { values, positionals } = parsed(args, form);
  const [file, subject = '', ...more] = positionals;
  if (!file || (form.subject !== undefined) !== (subject !== '') || more.length > 0) {
    throw new BadInput(`There must be one outputs file${form.subject ? ` and one ${form.subject}` : ''}`);
  }
  const { endpoint, json } = values;
  return {
    command: form.read(values, subject),
    file,
    endpoint: endpoint as string | undefined,
    json: json === true,
  };
}

function parsed(args: readonly string[], { options }: Form): { values: Values; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: withSigns(args),
      options: { ...options, endpoint: value, json: flag },
      allowPositionals: true,
    });
    return { values: values as Values, positionals };
  } catch (cause) {
    // Without Node's advice on arguments that begin with a dash.
    const [message] = (cause as Error).message.split('. To specify');
    throw new BadInput(message, { cause });
  }
}

/** `--option -1` as `--option=-1`: a wrong value, not another option. */
function withSigns(args: readonly string[]): string[] {
  const isValue = (index: number) =>
    /^-\d/.test(args[index] ?? '') && /^--[a-z-]+$/.test(args[index - 1] ?? '');
  return args.flatMap((arg, index) =>
    isValue(index) ? [] : [isValue(index + 1) ? `${arg}=${args[index + 1]}` : arg],
  );
}

const given = (values: Values, name: string): string | undefined => values[name] as string | undefined;

function ownerNamed(owner: unknown): string {
  if (typeof owner === 'string' && ownerPattern.test(owner)) return owner;
  throw new BadInput(
    '--owner must be 1–64 letters, digits, dots, dashes or underscores, and neither . nor ..',
  );
}

/** What is given of these: by the name of the option, with `_` in place of `-`. */
function changes<T>(values: Values, readers: Readonly<Record<string, (option: string, text: string) => T>>) {
  const entries = Object.entries(readers).flatMap(([option, read]) => {
    const text = given(values, option);
    return text === undefined ? [] : [[option.replaceAll('-', '_'), read(option, text)] as const];
  });
  return Object.fromEntries(entries);
}

const limitsIn = (values: Values): Change<KeyLimits> =>
  changes<unknown>(values, {
    'requests-per-minute': readCount,
    'images-at-once': readCount,
    models: (_, text) => readModels(text),
  });

function budgetIn(values: Values): Change<Budget> | 'clear' {
  const change: Change<Budget> = changes<unknown>(values, {
    'images-per-day': readCount,
    'images-per-month': readCount,
    'amount-per-day': readAmount,
    'amount-per-month': readAmount,
    currency: (_, text) => readCurrency(text),
  });
  if (values.clear !== true) return change;
  if (Object.keys(change).length > 0)
    throw new BadInput('--clear takes the whole budget away: give it alone');
  return 'clear';
}
