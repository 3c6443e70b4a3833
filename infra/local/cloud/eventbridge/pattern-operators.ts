/** The operators of event patterns: each makes a test of a field from its argument, or nothing from a wrong argument. */
import { isJsonObject } from '../json.ts';

/** One test of a field: `values` are the field's (an array's members count one by one), empty when it is absent. */
export type FieldTest = (values: readonly unknown[]) => boolean;

type Operator = (argument: unknown) => FieldTest | undefined;
type ValueTest = (value: unknown) => boolean;

export const OPERATORS: Readonly<Record<string, Operator>> = {
  prefix: (argument) => any(prefix(argument)),
  suffix: (argument) => any(suffix(argument)),
  'equals-ignore-case': (argument) => any(ignoringCase(argument)),
  wildcard: (argument) => any(wildcard(argument)),
  numeric: (argument) => any(numeric(argument)),
  exists: (argument) => {
    if (typeof argument !== 'boolean') return undefined;
    // A field holds something when it is a leaf: an object in its place does not count.
    return (values) => values.some((value) => typeof value !== 'object' || value === null) === argument;
  },
  'anything-but': (argument) => {
    const excluded = exclusion(argument);
    return excluded && ((values) => values.length > 0 && !values.some(excluded));
  },
};

function any(test: ValueTest | undefined): FieldTest | undefined {
  return test && ((values) => values.some(test));
}

function onString(test: (value: string) => boolean): ValueTest {
  return (value) => typeof value === 'string' && test(value);
}

function prefix(argument: unknown): ValueTest | undefined {
  if (typeof argument === 'string') return onString((value) => value.startsWith(argument));
  const folded = caseFolded(argument);
  return folded === undefined ? undefined : onString((value) => value.toLowerCase().startsWith(folded));
}

function suffix(argument: unknown): ValueTest | undefined {
  if (typeof argument === 'string') return onString((value) => value.endsWith(argument));
  const folded = caseFolded(argument);
  return folded === undefined ? undefined : onString((value) => value.toLowerCase().endsWith(folded));
}

/** The string in `{"equals-ignore-case": string}`, in lower case. */
function caseFolded(argument: unknown): string | undefined {
  if (!isJsonObject(argument)) return undefined;
  const entries = Object.entries(argument);
  const [name, value] = entries[0] ?? [];
  return entries.length === 1 && name === 'equals-ignore-case' && typeof value === 'string'
    ? value.toLowerCase()
    : undefined;
}

function ignoringCase(argument: unknown): ValueTest | undefined {
  if (typeof argument !== 'string') return undefined;
  const folded = argument.toLowerCase();
  return onString((value) => value.toLowerCase() === folded);
}

function wildcard(argument: unknown): ValueTest | undefined {
  if (typeof argument !== 'string' || argument.includes('**')) return undefined;
  const parts = argument.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return onString((value) => expression.test(value));
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '=': (value, limit) => value === limit,
  '>=': (value, limit) => value >= limit,
  '>': (value, limit) => value > limit,
};

/** `[">", 0, "<=", 5]`: one or two comparisons, all of which hold. */
function numeric(argument: unknown): ValueTest | undefined {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) return undefined;
  const tests: Array<(value: number) => boolean> = [];
  for (let index = 0; index < argument.length; index += 2) {
    const compare = COMPARISONS[String(argument[index])];
    const limit: unknown = argument[index + 1];
    if (!compare || typeof limit !== 'number') return undefined;
    tests.push((value) => compare(value, limit));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

/** What `anything-but` excludes: a value, a list of them, or whatever one of these operators would match. */
function exclusion(argument: unknown): ValueTest | undefined {
  if (isScalar(argument)) return (value) => value === argument;
  if (Array.isArray(argument)) return listed(argument);
  if (!isJsonObject(argument)) return undefined;
  const [[name, inner] = [], ...others] = Object.entries(argument);
  if (others.length > 0 || name === undefined) return undefined;
  return oneOf(inner, { prefix, suffix, wildcard, 'equals-ignore-case': ignoringCase }[name]);
}

function listed(argument: readonly unknown[]): ValueTest | undefined {
  return argument.every(isScalar) ? (value) => argument.includes(value as string | number) : undefined;
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function oneOf(
  argument: unknown,
  build: ((one: unknown) => ValueTest | undefined) | undefined,
): ValueTest | undefined {
  if (!build) return undefined;
  if (!Array.isArray(argument)) return build(argument);
  const tests = argument.map((one: unknown) => build(one));
  return tests.every((test) => test !== undefined)
    ? (value) => tests.some((test) => test?.(value))
    : undefined;
}
