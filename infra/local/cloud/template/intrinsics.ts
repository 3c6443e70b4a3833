/** CloudFormation's intrinsic functions: turns a template's value into the plain value that a resource gets. */
import { TemplateError } from './template-error.ts';

/** What intrinsics may ask about; `ref` and `attribute` throw for a name that does not exist. */
export interface Scope {
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): string;
  condition(name: string): boolean;
  mapping(name: string, first: string, second: string): unknown;
}

/** The value of `{Ref: AWS::NoValue}`: the property or list entry that holds it is left out. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope, where: string) => unknown;

/**
 * Resolves every intrinsic inside `value`; `where` is the path for messages.
 * @throws TemplateError that names an unknown intrinsic, and where it stands.
 */
export function resolve(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) {
    return value
      .map((entry, index) => resolve(entry, scope, `${where}.${index}`))
      .filter((v) => v !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const only = entries.length === 1 ? entries[0] : undefined;
  if (only && isIntrinsicName(only[0])) return call(only[0], only[1], scope, where);
  const resolved = entries.map(([key, entry]) => [key, resolve(entry, scope, `${where}.${key}`)] as const);
  return Object.fromEntries(resolved.filter(([, entry]) => entry !== NO_VALUE));
}

function isIntrinsicName(key: string): boolean {
  return key === 'Ref' || key === 'Condition' || key.startsWith('Fn::');
}

function call(name: string, argument: unknown, scope: Scope, where: string): unknown {
  // An IAM statement's `Condition` is an object, the intrinsic's argument a name.
  if (name === 'Condition' && typeof argument !== 'string') {
    return { Condition: resolve(argument, scope, `${where}.Condition`) };
  }
  const intrinsic = INTRINSICS[name];
  if (!intrinsic) {
    throw new TemplateError(
      `${where}: the local cloud does not know ${name}; it knows ${Object.keys(INTRINSICS).join(', ')}`,
    );
  }
  return intrinsic(argument, scope, `${where}.${name}`);
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope, where) => scope.ref(stringOf(name, where)),
  Condition: (name, scope, where) => scope.condition(stringOf(name, where)),
  'Fn::GetAtt': (argument, scope, where) => {
    const [logicalId, ...attribute] =
      typeof argument === 'string' ? argument.split('.') : arrayOf(argument, where);
    return scope.attribute(stringOf(logicalId, where), attribute.join('.'));
  },
  'Fn::Join': (argument, scope, where) => {
    const [separator, parts] = resolvedArray(argument, scope, where);
    return arrayOf(parts, where)
      .map((part) => stringOf(part, where))
      .join(stringOf(separator, where));
  },
  'Fn::Split': (argument, scope, where) => {
    const [separator, whole] = resolvedArray(argument, scope, where);
    return stringOf(whole, where).split(stringOf(separator, where));
  },
  'Fn::Select': (argument, scope, where) => {
    const [index, entries] = resolvedArray(argument, scope, where);
    const entry = arrayOf(entries, where)[Number(index)];
    if (entry === undefined) throw new TemplateError(`${where}: there is no entry ${index}`);
    return entry;
  },
  'Fn::Sub': substitute,
  'Fn::If': (argument, scope, where) => {
    const [name, yes, no] = arrayOf(argument, where);
    return resolve(scope.condition(stringOf(name, where)) ? yes : no, scope, where);
  },
  'Fn::Equals': (argument, scope, where) => {
    const [left, right] = resolvedArray(argument, scope, where);
    return String(left) === String(right);
  },
  'Fn::Not': (argument, scope, where) => resolvedArray(argument, scope, where)[0] !== true,
  'Fn::And': (argument, scope, where) =>
    resolvedArray(argument, scope, where).every((entry) => entry === true),
  'Fn::Or': (argument, scope, where) => resolvedArray(argument, scope, where).includes(true),
  'Fn::FindInMap': (argument, scope, where) => {
    const [name, first, second] = resolvedArray(argument, scope, where);
    return scope.mapping(stringOf(name, where), stringOf(first, where), stringOf(second, where));
  },
};

function substitute(argument: unknown, scope: Scope, where: string): string {
  const [pattern, variables] = typeof argument === 'string' ? [argument, {}] : arrayOf(argument, where);
  const own = resolve(variables ?? {}, scope, where) as Record<string, unknown>;
  return stringOf(pattern, where).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in own) return stringOf(own[name], where);
    const [logicalId, ...attribute] = name.split('.');
    if (attribute.length > 0) return scope.attribute(logicalId as string, attribute.join('.'));
    return stringOf(scope.ref(name), where);
  });
}

function resolvedArray(argument: unknown, scope: Scope, where: string): unknown[] {
  return arrayOf(resolve(argument, scope, where), where);
}

function arrayOf(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`${where}: must be an array, not ${JSON.stringify(value)}`);
}

function stringOf(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(`${where}: must be a string, not ${JSON.stringify(value)}`);
}
