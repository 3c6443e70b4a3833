/**
 * Rules: whose tasks a fault strikes (key, prompt), and how often.
 *
 *   { prompt: 'a fox', times: 1, fault: { kind: 'refuse', status: 429, retryAfter: 1 } }
 */
import * as z from 'zod';
import { type Fault, faultSchema, isRequestFault } from './fault.ts';

export const faultRuleSchema = z.strictObject({
  /** Only this account; every account without it. */
  key: z.string().optional(),
  /** Only tasks whose prompt holds this text. */
  prompt: z.string().optional(),
  /** Strikes so often, then no more. */
  times: z.int().min(1).optional(),
  fault: faultSchema,
});
export type FaultRule = z.output<typeof faultRuleSchema>;
export type StruckRule = FaultRule & { struck: number };
export type FaultRuleInput = z.input<typeof faultRuleSchema>;

type Target = { key: string; prompt: string | undefined };

/** The rules in force, and how often each has struck. */
export class FaultRules {
  readonly #rules: { rule: FaultRule; struck: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, struck: 0 });
  }

  /** The rules of one account, or all, and how often each has struck. */
  list(key: string | undefined): StruckRule[] {
    return this.#rules
      .filter(({ rule }) => key === undefined || rule.key === key)
      .map(({ rule, struck }) => ({ ...rule, struck }));
  }

  /** Forgets the rules of one account, or all without a key. Tasks that carry a fault keep it. */
  clear(key: string | undefined): void {
    const kept = key === undefined ? [] : this.#rules.filter(({ rule }) => rule.key !== key);
    this.#rules.splice(0, this.#rules.length, ...kept);
  }

  /** The request faults that strike this create or read; each counts as one strike. */
  strikeRequest(phase: 'create' | 'read', target: Target): Fault[] {
    return this.#strike(target, (fault) => isRequestFault(fault) && phaseOf(fault) === phase);
  }

  /** The task faults that strike a task being created; each counts as one strike. */
  strikeTask(target: Target): Fault[] {
    return this.#strike(target, (fault) => !isRequestFault(fault));
  }

  #strike(target: Target, wanted: (fault: Fault) => boolean): Fault[] {
    const struck = this.#rules.filter(
      ({ rule, struck: before }) =>
        before < (rule.times ?? Number.POSITIVE_INFINITY) &&
        wanted(rule.fault) &&
        (rule.key === undefined || rule.key === target.key) &&
        (rule.prompt === undefined || target.prompt?.includes(rule.prompt) === true),
    );
    for (const entry of struck) entry.struck += 1;
    return struck.map(({ rule }) => rule.fault);
  }
}

function phaseOf(fault: Fault): 'create' | 'read' {
  return 'on' in fault && fault.on === 'read' ? 'read' : 'create';
}
