/** The headers of requests and answers. */
import type { JsonSchema } from './components.ts';

/** Of answers, by name, as components. */
export const answerHeaders: Readonly<Record<string, JsonSchema>> = {
  'Apigw-Requestid': {
    description: "API Gateway's name of the request, for whoever looks for it in the logs.",
    schema: { type: 'string' },
  },
  ETag: {
    description: 'Names this state of the answer: to be sent as `If-None-Match`.',
    required: true,
    schema: { type: 'string', pattern: '^W/"[A-Za-z0-9_-]{22}"$' },
  },
  'Cache-Control': {
    description: 'Who may keep the answer, and for how long without asking again.',
    required: true,
    schema: { type: 'string' },
  },
  Vary: {
    description: 'The answer is for this key alone.',
    required: true,
    schema: { type: 'string', const: 'authorization' },
  },
  'Idempotent-Replayed': {
    description:
      'The task was there before this request: it was created by an earlier one with the same `Idempotency-Key`.',
    schema: { type: 'string', const: 'true' },
  },
  'Retry-After': {
    description: 'Seconds to wait. Absent when API Gateway itself answers.',
    schema: { type: 'string', pattern: '^\\d+$' },
  },
  'WWW-Authenticate': { required: true, schema: { type: 'string', const: 'Bearer' } },
  Location: {
    description: 'A presigned S3 URL, good for five minutes.',
    required: true,
    schema: { type: 'string', format: 'uri' },
  },
  'Access-Control-Allow-Origin': {
    description: 'The document is public: a page of any origin may read it.',
    required: true,
    schema: { type: 'string', const: '*' },
  },
};

export const headerReference = (name: string): JsonSchema => ({ $ref: `#/components/headers/${name}` });

/** References by name, with the header that every answer has. */
export const headersNamed = (...names: readonly string[]): Record<string, JsonSchema> =>
  Object.fromEntries(['Apigw-Requestid', ...names].map((name) => [name, headerReference(name)]));

export const idempotencyKey: JsonSchema = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Makes the request safe to repeat: the same key and request give the same task, with `Idempotent-Replayed: true`. The same key with another request is 422.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

export const ifNoneMatch: JsonSchema = {
  name: 'If-None-Match',
  in: 'header',
  description: 'The `ETag` of an earlier answer: what has not changed since is answered 304, without a body.',
  schema: { type: 'string' },
};
