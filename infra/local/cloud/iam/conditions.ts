/** A statement's conditions: the operators and keys that are known here (IAM user guide, "Condition operators"). */
import * as z from 'zod';
import { arnFits, fits } from './patterns.ts';

/** One operator on one key; it holds when any of its values fits (of a negated one: when none does). */
export interface Condition {
  readonly operator: string;
  /** In lower case, as keys are compared. */
  readonly key: string;
  readonly values: readonly string[];
}

type Comparison = (pattern: string, value: string) => boolean;

const equal: Comparison = (pattern, value) => pattern === value;
const equalIgnoringCase: Comparison = (pattern, value) => pattern.toLowerCase() === value.toLowerCase();

/** Operators, without the ending `IfExists`. */
const OPERATORS: Readonly<Record<string, { readonly compare: Comparison; readonly negated?: true }>> = {
  ArnEquals: { compare: arnFits },
  ArnLike: { compare: arnFits },
  ArnNotEquals: { compare: arnFits, negated: true },
  ArnNotLike: { compare: arnFits, negated: true },
  Bool: { compare: equalIgnoringCase },
  StringEquals: { compare: equal },
  StringEqualsIgnoreCase: { compare: equalIgnoringCase },
  StringLike: { compare: fits },
  StringNotEquals: { compare: equal, negated: true },
  StringNotLike: { compare: fits, negated: true },
};

/** The keys that requests here have a value for, or would have in AWS at the same place. */
const KEYS = [
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:SecureTransport',
  'aws:SourceAccount',
  'aws:SourceArn',
  'events:detail-type',
  'events:source',
  's3:delimiter',
  's3:prefix',
];
const KNOWN = new Set(KEYS.map((key) => key.toLowerCase()));
const IF_EXISTS = /IfExists$/;

/** `{operator: {key: value or values}}` as a list; what is not known is refused by name. */
export const conditionsSchema = z
  .record(
    z.string(),
    z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.union([z.string(), z.boolean()]))])),
  )
  .transform((operators, context): Condition[] =>
    Object.entries(operators).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => {
        const complaint = complaintOf(operator, key);
        if (complaint) context.addIssue({ code: 'custom', message: complaint });
        return { operator, key: key.toLowerCase(), values: [values].flat().map(String) };
      }),
    ),
  );

function complaintOf(operator: string, key: string): string | undefined {
  if (!OPERATORS[operator.replace(IF_EXISTS, '')]) {
    return `the local cloud does not know the operator ${operator}; it knows ${Object.keys(OPERATORS).join(', ')}`;
  }
  if (KNOWN.has(key.toLowerCase())) return undefined;
  return `the local cloud does not know the condition key ${key}; it knows ${KEYS.join(', ')}`;
}

/** Whether a condition holds; `context` has a request's values by key in lower case. */
export function holds({ operator, key, values }: Condition, context: ReadonlyMap<string, string>): boolean {
  const { compare, negated = false } = OPERATORS[operator.replace(IF_EXISTS, '')]!;
  const value = context.get(key);
  // A key that the request lacks fits nothing: so a negated operator holds.
  if (value === undefined) return negated || IF_EXISTS.test(operator);
  return values.some((pattern) => compare(pattern, value)) !== negated;
}
