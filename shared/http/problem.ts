/** What a caller is told when a request does not succeed: `{"error":{code,message,type,param?}}`, the providers' shape. */

export interface ProblemBody {
  readonly code: string;
  readonly message: string;
  readonly type: string;
  readonly param?: string | undefined;
}

/** Thrown by who knows that this request ends here; the error middleware makes the answer of it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly body: ProblemBody;
  readonly headers: Record<string, string>;

  constructor(status: number, body: ProblemBody, headers: Record<string, string> = {}) {
    super(`${status} ${body.code}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export const invalid = (param: string, message: string, code = 'invalid_parameters'): Problem =>
  new Problem(400, { code, message, type: 'invalid_request_error', param });

export const unauthorized = (): Problem =>
  new Problem(
    401,
    {
      code: 'unauthorized',
      message:
        'The request needs the header "Authorization: Bearer <key>" with a key that is known and enabled',
      type: 'authentication_error',
    },
    { 'www-authenticate': 'Bearer' },
  );

export const notFound = (message: string): Problem =>
  new Problem(404, { code: 'task_not_found', message, type: 'invalid_request_error' });
