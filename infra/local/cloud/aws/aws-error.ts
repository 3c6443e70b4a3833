/** The errors that the local AWS services answer, in a shape that every AWS protocol can carry. */
/** A documented AWS error: HTTP `status`, error `code` and a message for the caller. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** The code's name in SQS's older query protocol, sent along in `x-amzn-query-error`. */
  readonly queryCode: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { status?: number; queryCode?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AwsError';
    this.code = code;
    this.status = options.status ?? 400;
    this.queryCode = options.queryCode;
  }
}

/** The connection is to be cut without an answer (a fault that a request hook asked for). */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
}
