/** Every error code of ours, with what it means; and the answers that hold them. */
import { documentedCodes } from '../../shared/models/wan26_i2i-codes.ts';
import type { JsonSchema } from './components.ts';
import { headersNamed } from './headers.ts';

/** By status, then by code. What a code means is told in its answer's description. */
export const errorCodes = {
  400: {
    invalid_parameters: 'a field, parameter or header is not as described; `param` names it',
    ...Object.fromEntries(documentedCodes.map(({ code, rule }) => [code, `wan26_i2i: ${rule}`])),
  },
  401: {
    unauthorized: 'the header `Authorization: Bearer <key>` is missing, or its key is unknown or disabled',
  },
  402: {
    quota_exceeded:
      "the budget of the key's owner has no room for the request: the message says what is left and when it renews, and `Retry-After` in how many seconds; nothing is recorded or charged",
  },
  403: {
    model_not_allowed: 'the key may not ask for this model; the message names those that it may ask for',
    link_expired: 'the link has expired or was changed: read the task again for a fresh one',
  },
  404: { task_not_found: 'there is no such thing, or it belongs to another owner' },
  409: {
    task_not_ended: 'the task has not ended yet: there is no outcome to send',
    no_callback_url: 'the task was created without a `callback_url`',
  },
  422: {
    idempotency_key_reused: 'the `Idempotency-Key` was used with another request; a new one needs a new key',
  },
  429: {
    rate_limit_exceeded:
      'the key has sent as many requests in this minute, or has as many images in work, as it may: send it again after `Retry-After`; nothing is recorded or charged',
  },
  500: { internal_error: 'a fault of ours: the request may be sent again' },
  503: {
    provider_busy:
      'the provider takes no task now and certainly created none: send it again after `Retry-After`, with the same `Idempotency-Key`',
    too_many_at_once:
      'too many requests of one owner were counted at once, and nothing was created: send it again after `Retry-After`, with the same `Idempotency-Key`',
  },
} as const satisfies Record<number, Readonly<Record<string, string>>>;

export type ErrorStatus = keyof typeof errorCodes;

/** Answered by API Gateway before or instead of a function. */
export const gatewayAnswers = {
  404: 'no route has this method and path',
  413: 'the request is larger than 6 MB',
  429: 'too many requests at once: send it again a little later',
  500: 'a fault of ours: the request may be sent again',
  503: 'no answer within 30 seconds, or no function free to give one: the request may be sent again',
} as const;

type GatewayStatus = keyof typeof gatewayAnswers;

const errorReference = { $ref: '#/components/schemas/Error' };
const gatewayReference = { $ref: '#/components/schemas/GatewayMessage' };

/** What goes with a status beside its body. */
const headersOf: Readonly<Record<number, readonly string[]>> = {
  401: ['WWW-Authenticate'],
  402: ['Retry-After'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/**
 * The answers with these statuses.
 * @param codes of the one answer that does not have all codes of its status
 */
export function errorAnswers(
  statuses: readonly (ErrorStatus | GatewayStatus)[],
  codes: Readonly<Record<number, readonly string[]>> = {},
): Record<string, JsonSchema> {
  return Object.fromEntries(statuses.map((status) => [status, errorAnswer(status, codes[status])]));
}

function errorAnswer(status: ErrorStatus | GatewayStatus, only?: readonly string[]): JsonSchema {
  const known: Readonly<Record<string, string>> = errorCodes[status as ErrorStatus] ?? {};
  const codes = Object.entries(known).filter(([code]) => only?.includes(code) ?? true);
  const gateway = gatewayAnswers[status as GatewayStatus];
  const lines = [
    ...codes.map(([code, meaning]) => `- \`${code}\`: ${meaning}`),
    ...(gateway ? [`- API Gateway itself: ${gateway}`] : []),
  ];
  const schemas = [
    ...(codes.length ? [withCodes(codes.map(([code]) => code))] : []),
    ...(gateway ? [gatewayReference] : []),
  ];
  return {
    description: lines.join('\n'),
    headers: headersNamed(...(headersOf[status] ?? [])),
    content: { 'application/json': { schema: schemas.length > 1 ? { anyOf: schemas } : schemas[0] } },
  };
}

const withCodes = (codes: readonly string[]): JsonSchema => ({
  allOf: [errorReference, { properties: { error: { properties: { code: { enum: codes } } } } }],
});

/** A final no of the provider's, passed on with its own code and words. */
export const providerRefusal = (when: string): JsonSchema => ({
  description: `The provider refused the request for good${when}: its own code and words. Nothing was created, and the task is recorded as \`failed\`.`,
  headers: headersNamed(),
  content: { 'application/json': { schema: errorReference } },
});
