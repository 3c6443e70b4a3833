/**
 * Every metric that functions count, and the values that its dimension `reason` may have. CloudWatch keeps and charges a
 * metric for each value that it ever sees, so the sets are closed: what is none of them, like a code that a provider made
 * up, is counted as `other`.
 */
import { type ModelName, modelNames, providerNames } from '../providers/definitions.ts';
import { isCurrency } from '../usage/money.ts';

/** Of what is counted without a reason there is none. */
const reasons = {
  AcceptanceContradicted: [],
  AcceptanceLost: [],
  CallbackHandled: [
    'completed',
    'failed',
    'progress',
    'accepted',
    'refused',
    'superseded',
    'duplicate',
    'contradiction',
    'foreign',
    'unknown',
    'oversized',
    'forged',
    'malformed',
    'without_results',
  ],
  CallbackPostponed: [],
  CreateUnrecorded: [],
  DeliveryUnlisted: [],
  EventRefused: ['InternalFailure', 'MalformedDetail', 'ThrottlingException', 'ValidationException'],
  EventUnpublished: [
    'MalformedDetail',
    'RangeError',
    'TypeError',
    'UnknownSchemaVersionError',
    'ValidationException',
  ],
  ImageNotKept: [],
  ImageNotKeptInTime: [],
  OutcomeNotRecordedYet: [],
  ProviderUnauthorized: providerNames,
  RequestFailed: [],
  RequestRefused: [
    'idempotency_key_reused',
    'invalid_parameters',
    'link_expired',
    'model_not_allowed',
    'no_callback_url',
    'provider_busy',
    'quota_exceeded',
    'rate_limit_exceeded',
    'task_not_ended',
    'task_not_found',
    'too_many_at_once',
    'unauthorized',
  ],
  StatusRead: ['report', 'forgotten', 'unavailable'],
  TaskGivenUp: ['provider_timeout', 'outcome_unrecorded', 'provider_busy'],
  TaskSubmitted: ['accepted', 'refused', 'busy', 'unconfirmed'],
  UnnamedTaskGivenUp: [],
  UsageNotCounted: [],
  WebhookAttempt: [
    'delivered',
    'timeout',
    'connection_refused',
    'connection_closed',
    'name_not_resolved',
    'tls_failed',
    'network_error',
    'invalid_answer',
    'forbidden_address',
    'redirected',
    'unexpected_status',
    'gone',
    'disabled',
  ],
  WebhookHandled: [
    'waiting',
    'put_off',
    'delivered',
    'retrying',
    'given_up',
    'unknown_task',
    'no_webhook',
    'open_task',
    'done',
    'superseded',
  ],
  WebhookPostponed: [],
} as const satisfies Record<string, readonly string[]>;

export type CountedMetric = keyof typeof reasons;

/** Whose reasons somebody else words: an AWS service, or a provider. */
type WordedElsewhere = 'EventRefused' | 'EventUnpublished' | 'RequestRefused' | 'ProviderUnauthorized';

export type Reason<M extends CountedMetric> = M extends WordedElsewhere
  ? string
  : (typeof reasons)[M][number];

/** What is measured, with the units of CloudWatch. */
export const units = {
  /** Of records whose events are on the bus; by model. */
  TaskCreated: 'Count',
  TaskCompleted: 'Count',
  TaskFailed: 'Count',
  /** Of the images of completed tasks. */
  ArchivedBytes: 'Bytes',
  /** From the moment when the provider's word, called back or read, was in our queue, until its event was on the bus. */
  CallbackToEvent: 'Milliseconds',
  /** What tasks cost, in the currency of its dimension. */
  Charged: 'None',
  /** Tasks that nothing has ended 25 hours after they were created; once a day. */
  OpenBeyond25Hours: 'Count',
} as const;

export type MeasuredMetric = keyof typeof units;
export type Measures = Partial<Record<MeasuredMetric, number | readonly number[]>>;

/** What splits a measure; other values than are known count as `other`. */
export interface Split {
  readonly model?: string;
  readonly currency?: string;
}

export const dimensionsOf = ({ model, currency }: Split): Record<string, string> => ({
  ...(model !== undefined && { model: modelFor(model) }),
  ...(currency !== undefined && { currency: isCurrency(currency) ? currency : OTHER }),
});

export const OTHER = 'other';

/** The value of the dimension `reason`, from the metric's closed set. */
export const reasonFor = (metric: CountedMetric, reason: string): string =>
  oneOf<string>(reasons[metric], reason);

/** The value of the dimension `model`; a record may name one that is no longer offered. */
export const modelFor = (model: string): ModelName | typeof OTHER => oneOf(modelNames, model);

const oneOf = <T extends string>(allowed: readonly T[], value: string): T | typeof OTHER =>
  allowed.find((one) => one === value) ?? OTHER;
