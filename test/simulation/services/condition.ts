/**
 * DynamoDB's condition expressions, as far as conditions of ours go (developer guide, "Condition and filter
 * expressions"). What it does not know it refuses, so that no new condition holds by accident.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Gap } from './gap.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

/** What the placeholders of an expression stand for. */
export interface Placeholders {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Item;
}

export type Condition = (item: Item, placeholders: Placeholders) => boolean;
type Operand = (item: Item, placeholders: Placeholders) => AttributeValue | undefined;

const compiled = new Map<string, Condition>();

/** @throws Gap naming what it does not know */
export function conditionOf(expression: string): Condition {
  const known = compiled.get(expression) ?? compile(expression);
  compiled.set(expression, known);
  return known;
}

const TOKEN = /\s*([:#]?[\w.]+|<=|>=|<>|[=<>(),])/gy;

function compile(expression: string): Condition {
  const tokens = tokensOf(expression);
  const condition = either(tokens);
  if (tokens.length > 0) throw unknown(tokens[0]);
  return condition;
}

function tokensOf(expression: string): string[] {
  const tokens = [...expression.matchAll(TOKEN)].map(([, token = '']) => token);
  if (tokens.join('') !== expression.replaceAll(/\s/g, '')) throw unknown(expression);
  return tokens;
}

function either(tokens: string[]): Condition {
  const left = both(tokens);
  if (!taken(tokens, 'OR')) return left;
  const right = either(tokens);
  return (item, placeholders) => left(item, placeholders) || right(item, placeholders);
}

function both(tokens: string[]): Condition {
  const left = single(tokens);
  if (!taken(tokens, 'AND')) return left;
  const right = both(tokens);
  return (item, placeholders) => left(item, placeholders) && right(item, placeholders);
}

function single(tokens: string[]): Condition {
  if (taken(tokens, 'NOT')) {
    const condition = single(tokens);
    return (item, placeholders) => !condition(item, placeholders);
  }
  if (taken(tokens, '(')) {
    const condition = either(tokens);
    expect(tokens, ')');
    return condition;
  }
  if (tokens[0]?.startsWith('attribute_')) return existence(tokens);
  const left = operandOf(tokens.shift());
  return taken(tokens, 'IN') ? oneOf(left, tokens) : comparison(left, tokens);
}

function existence(tokens: string[]): Condition {
  const name = tokens.shift();
  expect(tokens, '(');
  const operand = operandOf(tokens.shift());
  expect(tokens, ')');
  if (name === 'attribute_exists') return (item, placeholders) => operand(item, placeholders) !== undefined;
  if (name === 'attribute_not_exists')
    return (item, placeholders) => operand(item, placeholders) === undefined;
  throw unknown(name);
}

function oneOf(left: Operand, tokens: string[]): Condition {
  const choices: Operand[] = [];
  expect(tokens, '(');
  do choices.push(operandOf(tokens.shift()));
  while (taken(tokens, ','));
  expect(tokens, ')');
  return (item, placeholders) =>
    choices.some((choice) => compared(left(item, placeholders), choice(item, placeholders)) === 0);
}

const comparators: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function comparison(left: Operand, tokens: string[]): Condition {
  const comparator = comparators[tokens.shift() ?? ''];
  if (!comparator) throw unknown(tokens.join(' '));
  const right = operandOf(tokens.shift());
  return (item, placeholders) => {
    const order = compared(left(item, placeholders), right(item, placeholders));
    return order !== undefined && comparator(order);
  };
}

/** @returns nothing when one is missing or they are of different types: then no comparison holds */
function compared(left?: AttributeValue, right?: AttributeValue): number | undefined {
  if (left?.S !== undefined && right?.S !== undefined)
    return Buffer.compare(Buffer.from(left.S), Buffer.from(right.S));
  if (left?.N !== undefined && right?.N !== undefined) return Math.sign(Number(left.N) - Number(right.N));
  return undefined;
}

function operandOf(token = ''): Operand {
  if (/^:\w+$/.test(token)) return (_, { values }) => values[token] ?? missing(token);
  if (/^#\w+$/.test(token)) return (item, { names }) => item[names[token] ?? missing(token)];
  if (/^[a-z_]+(\.[a-z_]+)*$/.test(token)) return (item) => inside(item, token.split('.'));
  throw unknown(token);
}

/** An attribute, or one within a map. */
function inside(item: Item, [name = '', ...rest]: readonly string[]): AttributeValue | undefined {
  const value = item[name];
  return rest.length === 0 ? value : value?.M && inside(value.M, rest);
}

function taken(tokens: string[], token: string): boolean {
  if (tokens[0] !== token) return false;
  tokens.shift();
  return true;
}

function expect(tokens: string[], token: string): void {
  if (!taken(tokens, token)) throw unknown(tokens[0]);
}

function missing(token: string): never {
  throw new Gap(`what ${token} stands for in an expression`);
}

const unknown = (what?: string): Gap => new Gap(`this part of an expression: ${what}`);
