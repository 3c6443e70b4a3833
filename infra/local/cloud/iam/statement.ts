/** Policy documents: what they may hold here, and what of it the evaluation works with. */
import * as z from 'zod';
import { conditionsSchema } from './conditions.ts';

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]);

const principal = z.union([
  z.literal('*').transform((): PrincipalPatterns => ({ all: true, aws: [], services: [] })),
  z
    .strictObject({ AWS: oneOrMore.default([]), Service: oneOrMore.default([]) })
    .transform(({ AWS, Service }): PrincipalPatterns => ({ all: false, aws: AWS, services: Service })),
]);

/** Whom a statement on a resource is about. */
export interface PrincipalPatterns {
  /** Everybody, also services. */
  readonly all: boolean;
  /** ARNs, account ids, or `*`. */
  readonly aws: readonly string[];
  readonly services: readonly string[];
}

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: principal.optional(),
  Action: oneOrMore,
  Resource: oneOrMore.default([]),
  Condition: conditionsSchema.default([]),
});

export type Statement = z.output<typeof statement>;

/** A policy document; an element of a statement that is not known here is refused by name. */
export const policyDocument = z
  .strictObject({
    Version: z.string().optional(),
    Id: z.string().optional(),
    Statement: z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(statement)),
  })
  .transform(({ Statement: statements }) => statements);

/** What a template gives to a principal: in a policy of a role. */
export const identityPolicy = policyDocument.refine(
  (statements) => statements.every((one) => !one.Principal && one.Resource.length > 0),
  'each statement must have a Resource and no Principal',
);

/** What a template gives on a resource: in a policy of a queue or a bucket. */
export const resourcePolicy = policyDocument.refine(
  (statements) => statements.every((one) => one.Principal && one.Resource.length > 0),
  'each statement must have a Resource and a Principal',
);

/** Who may assume a role. */
export const trustPolicy = policyDocument.refine(
  (statements) => statements.every((one) => one.Principal && one.Resource.length === 0),
  'each statement must have a Principal and no Resource',
);
