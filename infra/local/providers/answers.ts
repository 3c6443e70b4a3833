/** What a provider says about a task, as the task's faults distort it. */
import { type Fault, faultOf } from './faults/fault.ts';
import { filled } from './faults/placeholders.ts';
import type { Task } from './task.ts';

/** Where it is said: in the answer to a create, to a read, or in a callback. */
export type Occasion = 'create' | 'read' | 'callback';

/** The body to send: the given one, or its bytes when a fault orders what no JSON value can express. */
export function distorted(
  body: Record<string, unknown>,
  task: Task,
  occasion: Occasion,
): Record<string, unknown> | Buffer {
  const faults = task.faults.filter((fault) => strikesAt(fault, occasion));
  const said = withFields(body, faults, task);
  const invalid = faultOf(faults, 'answer-invalid-utf8');
  const escaped = faultOf(faults, 'answer-escaped') !== undefined;
  if (invalid === undefined) return escaped ? Buffer.from(escapedJson(said)) : said;
  const json = escaped ? escapedJson(said) : JSON.stringify(said);
  return Buffer.concat([
    Buffer.from(`${json.slice(0, -1)},"note":"`),
    Buffer.alloc(invalid.bytes, 0xff),
    Buffer.from('"}'),
  ]);
}

/** JSON in ASCII only, with every slash escaped: legal, and not byte for byte what `JSON.stringify` gives. */
export function escapedJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function strikesAt(fault: Fault, occasion: Occasion): boolean {
  return fault.kind.startsWith('answer-') && 'on' in fault && Array.isArray(fault.on)
    ? fault.on.includes(occasion)
    : false;
}

function withFields(body: Record<string, unknown>, faults: Fault[], task: Task): Record<string, unknown> {
  return faults.reduce((said, fault) => {
    if (fault.kind !== 'answer-fields') return said;
    const kept = Object.entries(said).filter(([name]) => !fault.without.includes(name));
    const set = filled(fault.set, { id: task.id, key: task.bearer });
    return Object.fromEntries([...kept, ...Object.entries(set)]);
  }, body);
}
