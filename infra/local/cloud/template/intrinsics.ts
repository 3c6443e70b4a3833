// CloudFormation's intrinsic functions: turns a template's value into the plain value that a resource gets.

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
  Ref: (name, scope, where) => scope.ref(text(name, where)),
  Condition: (name, scope, where) => scope.condition(text(name, where)),
  'Fn::GetAtt': (argument, scope, where) => {
    const [logicalId, ...attribute] =
      typeof argument === 'string' ? argument.split('.') : list(argument, where);
    return scope.attribute(text(logicalId, where), attribute.join('.'));
  },
  'Fn::Join': (argument, scope, where) => {
    const [separator, parts] = resolvedList(argument, scope, where);
    return list(parts, where)
      .map((part) => text(part, where))
      .join(text(separator, where));
  },
  'Fn::Split': (argument, scope, where) => {
    const [separator, whole] = resolvedList(argument, scope, where);
    return text(whole, where).split(text(separator, where));
  },
  'Fn::Select': (argument, scope, where) => {
    const [index, entries] = resolvedList(argument, scope, where);
    const entry = list(entries, where)[Number(index)];
    if (entry === undefined) throw new TemplateError(`${where}: there is no entry ${index}`);
    return entry;
  },
  'Fn::Sub': substitute,
  'Fn::If': (argument, scope, where) => {
    const [name, yes, no] = list(argument, where);
    return resolve(scope.condition(text(name, where)) ? yes : no, scope, where);
  },
  'Fn::Equals': (argument, scope, where) => {
    const [left, right] = resolvedList(argument, scope, where);
    return String(left) === String(right);
  },
  'Fn::Not': (argument, scope, where) => resolvedList(argument, scope, where)[0] !== true,
  'Fn::And': (argument, scope, where) =>
    resolvedList(argument, scope, where).every((entry) => entry === true),
  'Fn::Or': (argument, scope, where) => resolvedList(argument, scope, where).includes(true),
  'Fn::FindInMap': (argument, scope, where) => {
    const [name, first, second] = resolvedList(argument, scope, where);
    return scope.mapping(text(name, where), text(first, where), text(second, where));
  },
};

function substitute(argument: unknown, scope: Scope, where: string): string {
  const [pattern, variables] = typeof argument === 'string' ? [argument, {}] : list(argument, where);
  const own = resolve(variables ?? {}, scope, where) as Record<string, unknown>;
  return text(pattern, where).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in own) return text(own[name], where);
    const [logicalId, ...attribute] = name.split('.');
    if (attribute.length > 0) return scope.attribute(logicalId as string, attribute.join('.'));
    return text(scope.ref(name), where);
  });
}

function resolvedList(argument: unknown, scope: Scope, where: string): unknown[] {
  return list(resolve(argument, scope, where), where);
}

function list(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`${where}: a list is needed, not ${JSON.stringify(value)}`);
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(`${where}: a text is needed, not ${JSON.stringify(value)}`);
}
