/** Function logs for people: one short line for each JSON line, metrics left out, what the platform says kept. */
import type { FunctionLogLine } from './cloud/index.ts';

/** Fields that every line has and nobody reads here. */
const dull = new Set([
  'level',
  'message',
  'timestamp',
  'service',
  'sampling_rate',
  'xray_trace_id',
  'correlation_id',
]);

/** @returns nothing for lines that say nothing to a person */
export function readable({ functionName, source, text, time }: FunctionLogLine): string | undefined {
  const clock = new Date(time).toISOString().slice(11, 23);
  const head = (name: string) => `${clock} ${name.padEnd(9)}`;
  if (source === 'platform')
    return /^(START|END|REPORT)/.test(text) ? undefined : `${head(functionName)} ${text}`;
  const fields = parse(text);
  if (!fields) return `${head(functionName)} ${text}`;
  if ('_aws' in fields) return undefined;
  const rest = Object.entries(fields)
    .filter(([name, value]) => !dull.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [
    head(String(fields.service ?? functionName)),
    String(fields.level ?? '').padEnd(5),
    fields.message,
    ...rest,
  ].join(' ');
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
