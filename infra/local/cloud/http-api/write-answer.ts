// What the door answers: its own refusals, and what it makes of a function's result.

import * as z from 'zod';

export interface DoorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: Buffer;
  /** Why an integration failed, for the access log. */
  readonly integrationError?: string;
}

/** API Gateway's own answers: `{"message": …}`. */
export function ownAnswer(status: number, message: string, integrationError?: string): DoorAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
    ...(integrationError !== undefined && { integrationError }),
  };
}

export const answers = {
  badRequest: ownAnswer(400, 'Bad Request'),
  notFound: ownAnswer(404, 'Not Found'),
  tooLarge: ownAnswer(413, 'Request Entity Too Large'),
  tooMany: ownAnswer(429, 'Too Many Requests'),
  internalError: (why: string) => ownAnswer(500, 'Internal Server Error', why),
  unavailable: (why: string) => ownAnswer(503, 'Service Unavailable', why),
};

const structured = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/**
 * The answer in a function's result (payload format 2.0). A result without `statusCode` is itself the body, as JSON;
 * one of the wrong shape becomes 500.
 */
export function answerOf(payload: string): DoorAnswer {
  const result: unknown = JSON.parse(payload);
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : payload;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
  }
  const parsed = structured.safeParse(result);
  if (!parsed.success)
    return answers.internalError(`malformed function result: ${z.prettifyError(parsed.error)}`);
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(
        Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), `${value}`]),
      ),
    },
    ...(cookies && { cookies }),
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}
