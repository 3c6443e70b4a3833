/**
 * What a request that did not succeed is thrown as. `code` is for programs, `message` for people; neither the API key
 * nor a body is in any of them.
 */

/** What all errors of the API have in common. */
export interface ErrorDetails {
  /** As the API names it: `invalid_parameters`, `task_not_found`, `provider_busy`; `http_<status>` where it names none. */
  readonly code: string;
  readonly message: string;
  /** The HTTP status; undefined when no answer came. */
  readonly status?: number | undefined;
  readonly type?: string | undefined;
  /** The field that was wrong, as a path: `input.messages`, `image_urls[1]`. */
  readonly param?: string | undefined;
  /** When the API asks to be tried again. */
  readonly retryAfterSeconds?: number | undefined;
  /** Of a submit: sent again with this key, the request is still paid once at most. */
  readonly idempotencyKey?: string | undefined;
  readonly cause?: unknown;
}

/** The base of every error that a request can end with. */
export class WanhookError extends Error {
  override readonly name: string = 'WanhookError';
  readonly code: string;
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly idempotencyKey: string | undefined;

  constructor({ message, cause, ...details }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = details.code;
    this.status = details.status;
    this.type = details.type;
    this.param = details.param;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.idempotencyKey = details.idempotencyKey;
  }
}

/** The request breaks a rule (400, 422, and any 4xx that has no class of its own); `param` names the field. */
export class InvalidRequestError extends WanhookError {
  override readonly name = 'InvalidRequestError';
}

/** The key is unknown, disabled, or may not do this (401, 403). */
export class AuthenticationError extends WanhookError {
  override readonly name = 'AuthenticationError';
}

/** There is no such task, or it belongs to another owner (404). */
export class NotFoundError extends WanhookError {
  override readonly name = 'NotFoundError';
}

/** The task is not in a state for this: it has not ended, or has no webhook (409). */
export class ConflictError extends WanhookError {
  override readonly name = 'ConflictError';
}

/** Not now (429, 503): too many requests, or, as `provider_busy`, a provider that takes none and has created nothing. */
export class BusyError extends WanhookError {
  override readonly name = 'BusyError';
}

/** Something went wrong on Wanhook's side (5xx), or it answered what is no answer. */
export class ServerError extends WanhookError {
  override readonly name = 'ServerError';
}

/** No answer came: `code` is `timeout` or `connection_failed`, and `cause` says more. */
export class ConnectionError extends WanhookError {
  override readonly name = 'ConnectionError';
}

/** The error that stands for an answer with this status. @internal */
export function errorOf(details: ErrorDetails & { readonly status: number }): WanhookError {
  return new (classOf(details.status))(details);
}

const byStatus: Readonly<Record<number, typeof WanhookError>> = {
  401: AuthenticationError,
  403: AuthenticationError,
  404: NotFoundError,
  409: ConflictError,
  429: BusyError,
  503: BusyError,
};

function classOf(status: number): typeof WanhookError {
  return byStatus[status] ?? (status >= 400 && status < 500 ? InvalidRequestError : ServerError);
}
