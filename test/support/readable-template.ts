/**
 * A template as text that can be reviewed: without the CDK's hashes and the names of bundles, references as `<Name>`,
 * resources in the order of their names.
 */
import type { StackTemplate } from './template.ts';

export function readableTemplate({ Resources, Outputs }: StackTemplate): string {
  const names = namesOf(Object.keys(Resources));
  const rename = (id: string): string => names.get(id) ?? id;
  const resources = Object.entries(Resources)
    .filter(([, { Type }]) => Type !== 'AWS::CDK::Metadata')
    .map(([id, { Type, Properties, ...attributes }]) => {
      const { Metadata: _, DependsOn: __, ...rest } = attributes as Record<string, unknown>;
      return [`${rename(id)} (${Type})`, { ...rest, ...withoutBundle(Properties ?? {}) }] as const;
    })
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const outputs = Object.entries(Outputs).map(([name, { Value }]) => [name, Value] as const);
  const sections = { ...Object.fromEntries(resources), Outputs: Object.fromEntries(outputs) };
  return `${linesOf(sections, rename).join('\n')}\n`;
}

/** Two ids that differ only in their hash keep it. */
function namesOf(ids: readonly string[]): Map<string, string> {
  const short = (id: string): string => id.replace(/(?<=.)[0-9A-F]{8}$/, '');
  const isTaken = (id: string): boolean => ids.filter((other) => short(other) === short(id)).length > 1;
  return new Map(ids.map((id) => [id, isTaken(id) ? id : short(id)]));
}

/** What changes with the code of a function is reviewed in its code. */
function withoutBundle({
  Code: _,
  ...properties
}: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return properties;
}

type Rename = (id: string) => string;

function linesOf(value: unknown, rename: Rename, indent = ''): string[] {
  const inline = scalarOf(value, rename);
  if (inline !== undefined) return [`${indent}${inline}`];
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const [first = '', ...rest] = linesOf(item, rename, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  return Object.entries(value as object).flatMap(([key, item]) => {
    const scalar = scalarOf(item, rename);
    return scalar === undefined
      ? [`${indent}${key}:`, ...linesOf(item, rename, `${indent}  `)]
      : [`${indent}${key}: ${scalar}`];
  });
}

/** A value that stands on one line: a scalar, a reference, nothing. */
function scalarOf(value: unknown, rename: Rename): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const text = textOf(value, rename);
  if (text !== undefined) return JSON.stringify(text);
  return Object.keys(value).length === 0 ? JSON.stringify(value) : undefined;
}

/** What a string or a reference comes to. */
function textOf(value: unknown, rename: Rename): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof ref === 'string') return `<${rename(ref)}>`;
  if (Array.isArray(attribute)) return `<${rename(String(attribute[0]))}.${attribute[1]}>`;
  if (!Array.isArray(join)) return undefined;
  const parts = (join[1] as unknown[]).map((part) => textOf(part, rename));
  return parts.some((part) => part === undefined) ? undefined : parts.join(String(join[0]));
}
