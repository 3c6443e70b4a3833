/** The JSON paths with which EventBridge picks from an event: `$.detail.order.id`, `$.resources[0]`. */
import { isJsonObject } from '../json.ts';

/** Finds what a path names in an event; undefined when the event does not have it. */
export type JsonPath = (event: unknown) => unknown;

const PATH = /^\$((\.[\w/-]+)|(\[\d+\]))*$/;
const STEP = /\.([\w/-]+)|\[(\d+)\]/g;

/** @throws Error for a path that the local cloud does not know (wildcards, filters, bracket notation of names) */
export function compileJsonPath(path: string): JsonPath {
  if (!PATH.test(path)) throw new Error(`the local cloud does not know the JSON path ${path}`);
  const steps = [...path.matchAll(STEP)].map(([, name, index]) => name ?? Number(index));
  return (event) => steps.reduce<unknown>(member, event);
}

function member(value: unknown, step: string | number): unknown {
  if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
