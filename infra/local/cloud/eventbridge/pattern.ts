/**
 * Event patterns: EventBridge's rules and Lambda's event filters are written in the same language.
 *
 *   {"detail-type": ["Order Placed"], "detail": {"order": {"country": [{"prefix": "d"}]}}}
 *
 * A pattern is compiled once; what is not known in it is an error then, not a rule that never matches.
 */

import { isJsonObject } from '../json.ts';
import { type FieldTest, OPERATORS } from './pattern-operators.ts';

/** Whether an event (parsed JSON) fits. */
export type Pattern = (event: unknown) => boolean;

/** The pattern is not one that the local cloud understands; the message names the operator or the place. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

type Fields = readonly unknown[];

/**
 * Compiles a pattern.
 * @throws PatternError that names an unknown operator, and where it stands.
 */
export function compilePattern(pattern: unknown, path = ''): Pattern {
  const test = compileObject(pattern, path);
  return (event) => test([event]);
}

function compileObject(pattern: unknown, path: string): (objects: Fields) => boolean {
  if (!isJsonObject(pattern)) {
    throw new PatternError(`the pattern at ${path || 'its root'} must be an object or a list`);
  }
  const tests = Object.entries(pattern).map(([name, part]) => {
    const where = path ? `${path}.${name}` : name;
    if (name === '$or') return compileAlternatives(part, path);
    const test = Array.isArray(part) ? compileList(part, where) : compileObject(part, where);
    return (objects: Fields) => test(objects.flatMap((object) => fieldsOf(object, name)));
  });
  return (objects) => tests.every((test) => test(objects));
}

function compileAlternatives(part: unknown, path: string): (objects: Fields) => boolean {
  if (!Array.isArray(part)) throw new PatternError(`$or at ${path || 'the root'} must be a list of patterns`);
  const tests = part.map((one) => compileObject(one, path));
  return (objects) => tests.some((test) => test(objects));
}

/** The values of a field; an array of objects gives the field of each. */
function fieldsOf(object: unknown, name: string): Fields {
  if (Array.isArray(object)) return object.flatMap((entry) => fieldsOf(entry, name));
  return isJsonObject(object) && Object.hasOwn(object, name) ? [object[name]] : [];
}

function compileList(list: readonly unknown[], path: string): (fields: Fields) => boolean {
  const tests = list.map((entry) => compileEntry(entry, path));
  return (fields) => {
    const values = fields.flatMap((field) => (Array.isArray(field) ? field : [field]));
    return tests.some((test) => test(values));
  };
}

function compileEntry(entry: unknown, path: string): FieldTest {
  if (typeof entry !== 'object' || entry === null) return (values) => values.includes(entry);
  const [operator, ...others] = Object.keys(entry);
  const compile = operator === undefined ? undefined : OPERATORS[operator];
  if (!compile || others.length > 0) {
    const named = JSON.stringify(entry);
    throw new PatternError(
      `the pattern at ${path} holds ${named}; known operators: ${Object.keys(OPERATORS).join(', ')}, one at a time`,
    );
  }
  const test = compile((entry as Record<string, unknown>)[operator as string]);
  if (!test)
    throw new PatternError(`the pattern at ${path} gives ${operator} an argument that it does not take`);
  return test;
}
