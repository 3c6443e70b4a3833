/**
 * What can be made to go wrong, as data: a rule names whose tasks it strikes (key, prompt, times) and one fault.
 *
 *   { prompt: 'a fox', times: 1, fault: { kind: 'refuse', status: 429, retryAfter: 1 } }
 *
 * Faults on a request strike when it arrives; faults on a task are fixed when the task is created.
 */
import * as z from 'zod';

const on = z.enum(['create', 'read']).default('create');
const count = z.int().min(0);
const index = count.optional();

const requestFaults = [
  /** Answers `status` with an error in the provider's shape; nothing is created. */
  z.strictObject({
    kind: z.literal('refuse'),
    on,
    status: z.int().min(400).max(599),
    /** Older pages of one provider show the integer status here instead of a word. */
    code: z.union([z.string(), z.number()]).optional(),
    message: z.string().optional(),
    param: z.string().optional(),
    retryAfter: z.union([z.string(), z.number()]).optional(),
    /** The whole body instead of an error in the provider's shape; a string goes as it is. */
    body: z.unknown().optional(),
  }),
  /** The connection is dropped before anything is created or read. */
  z.strictObject({ kind: z.literal('drop'), on }),
  /** The answer comes, `ms` late. The request takes effect when it arrives. */
  z.strictObject({ kind: z.literal('slow'), on, ms: count }),
  /** The request takes effect (the task exists, the money is spent) and its answer is lost. */
  z.strictObject({
    kind: z.literal('lose-answer'),
    on,
    how: z.enum(['error', 'hang', 'drop', 'broken-json', 'empty']),
    /** For `error`. */
    status: z.int().min(500).max(599).default(500),
  }),
  /** The create answers 200 with an empty id and an error; nothing is created. */
  z.strictObject({ kind: z.literal('empty-id'), code: z.string().default('001021099') }),
] as const;

const outcomeFaults = [
  /** The task fails. Without `error` at all when `bare`. */
  z.strictObject({
    kind: z.literal('fail'),
    code: z.string().default('content_policy_violation'),
    message: z.string().default('The request was refused by the content policy.'),
    bare: z.boolean().default(false),
    /** Without `error.type`, as one sample shows it. */
    untyped: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('cancel'),
    /** `failed` is status `failed` with the code `request_cancelled`. */
    spelling: z.enum(['cancelled', 'canceled', 'failed']).default('cancelled'),
  }),
  /** Runs until completed by hand: `POST /_stand-in/tasks/{id}/complete`. */
  z.strictObject({ kind: z.literal('hold') }),
  /** Takes `ms` instead of the configured `delayMs`. */
  z.strictObject({ kind: z.literal('duration'), ms: count }),
  /** Delivers that many images fewer than were asked for. */
  z.strictObject({ kind: z.literal('fewer-images'), by: z.int().min(1) }),
  /** The create already answers `completed`, with its output. */
  z.strictObject({ kind: z.literal('completed-at-once') }),
  /** Which of the observed spellings the answers use. */
  z.strictObject({
    kind: z.literal('spelling'),
    id: z.enum(['id', 'task_id']).default('id'),
    running: z.enum(['in_progress', 'pending', 'processing']).default('in_progress'),
    /** `integer` is `error.code`, `number` is `error` itself. */
    error: z.enum(['object', 'string', 'integer', 'number', 'error_message']).default('object'),
    createdAt: z.enum(['epoch', 'iso']).default('epoch'),
    /** One `output` entry a candidate, or all candidates in one entry. */
    output: z.enum(['split', 'grouped']).default('split'),
  }),
] as const;

const callbackFaults = [
  /** Completes and calls back before the create is answered. */
  z.strictObject({ kind: z.literal('callback-early') }),
  z.strictObject({ kind: z.literal('callback-none') }),
  z.strictObject({ kind: z.literal('callback-delay'), ms: count }),
  /** The same callback `times` times in all, one after the other or all at once. */
  z.strictObject({
    kind: z.literal('callback-duplicate'),
    times: z.int().min(2).max(100),
    concurrent: z.boolean().default(false),
  }),
  /** A second callback that says the opposite of the first, `afterMs` later. */
  z.strictObject({ kind: z.literal('callback-contradict'), afterMs: count.default(0) }),
  z.strictObject({
    kind: z.literal('callback-shape'),
    /** Puts the body under `data`. */
    wrapped: z.boolean().default(false),
    id: z.enum(['id', 'task_id']).default('id'),
    completed: z.enum(['completed', 'success', 'succeeded']).default('completed'),
    /** Fields that the body lacks. */
    without: z.array(z.string()).default([]),
  }),
] as const;

const pictureFaults = [
  /** The link answers `status`; after `times` fetches it is fine. */
  z.strictObject({
    kind: z.literal('picture-status'),
    status: z.int().min(400).max(599),
    times: count.optional(),
    index,
  }),
  z.strictObject({ kind: z.literal('picture-hang'), times: count.optional(), index }),
  /** Redirects to `to`, or to another path of the same host that delivers. */
  z.strictObject({ kind: z.literal('picture-redirect'), to: z.string().optional(), index }),
  /** Content-Length promises more than arrives. */
  z.strictObject({ kind: z.literal('picture-truncated'), times: count.optional(), index }),
  /** A page of HTML, sent as an image. */
  z.strictObject({ kind: z.literal('picture-html'), index }),
  /** A valid PNG of exactly `bytes`; the floor leaves room for the picture itself. */
  z.strictObject({ kind: z.literal('picture-bytes'), bytes: z.int().min(100_000), index }),
  z.strictObject({ kind: z.literal('picture-type'), contentType: z.string(), index }),
  /** The result names this URL instead of one of ours. */
  z.strictObject({ kind: z.literal('picture-link'), url: z.string(), index }),
] as const;

export const faultSchema = z.discriminatedUnion('kind', [
  ...requestFaults,
  ...outcomeFaults,
  ...callbackFaults,
  ...pictureFaults,
]);
export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;
export type FaultKind = Fault['kind'];
type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

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

/** Faults that no provider has unless its protocol names them. */
const special: readonly FaultKind[] = ['empty-id', 'completed-at-once', 'spelling'];

/** Whether a provider can have this fault: a rule for one that cannot would never strike. */
export function canHave(
  { callsBack, ownFaults }: { callsBack: boolean; ownFaults: readonly FaultKind[] },
  kind: FaultKind,
): boolean {
  if (kind.startsWith('callback-')) return callsBack;
  return !special.includes(kind) || ownFaults.includes(kind);
}

const requestKinds: readonly FaultKind[] = ['refuse', 'drop', 'slow', 'lose-answer', 'empty-id'];

/** The first fault of that kind, or undefined. */
export function faultOf<K extends FaultKind>(faults: readonly Fault[], kind: K): FaultOf<K> | undefined {
  return faults.find((fault): fault is FaultOf<K> => fault.kind === kind);
}

type Target = { key: string; prompt: string | undefined };

/** The rules in force, and how often each may still strike. */
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
    return this.#strike(target, (fault) => requestKinds.includes(fault.kind) && phaseOf(fault) === phase);
  }

  /** The task faults that strike a task being created; each counts as one strike. */
  strikeTask(target: Target): Fault[] {
    return this.#strike(target, (fault) => !requestKinds.includes(fault.kind));
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
  return 'on' in fault ? fault.on : 'create';
}
