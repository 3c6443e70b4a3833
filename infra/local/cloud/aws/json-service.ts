/** The AWS JSON protocol (1.0 and 1.1): one POST, the operation in X-Amz-Target, errors as `{"__type","message"}`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { AwsError, ConnectionDropped } from './aws-error.ts';
import type { IssuedCredentials } from './credentials.ts';
import { readBody } from './http-server.ts';
import type { RequestLedger, ServiceName } from './request-ledger.ts';

/** One operation of a service: takes the parsed request, gives the answer's JSON. */
export type Operation = (input: unknown, caller: string) => unknown;

export interface JsonService {
  readonly name: ServiceName;
  /** What stands before the dot in X-Amz-Target, such as `AmazonSQS`. */
  readonly target: string;
  readonly contentType: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** The code answered for a request whose members do not fit. */
  readonly invalidCode: string;
}

/** Builds an operation whose input is checked by a schema first; a member it does not know is refused by name. */
export function operation<S extends z.ZodType>(
  schema: S,
  run: (input: z.output<S>, caller: string) => unknown,
): Operation {
  return (input, caller) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return run(parsed.data, caller);
    throw new AwsError(
      'InvalidInput',
      `not a request the local cloud knows: ${z.prettifyError(parsed.error)}`,
    );
  };
}

/** The request handler of a JSON service: counts, asks the hooks, runs the operation. */
export function jsonServiceHandler(
  service: JsonService,
  ledger: RequestLedger,
  credentials: IssuedCredentials,
) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const answer = await perform(service, request, ledger, credentials);
      send(response, 200, service.contentType, JSON.stringify(answer ?? {}));
    } catch (error) {
      if (error instanceof ConnectionDropped) request.socket.destroy();
      else sendError(response, service, error);
    }
  };
}

async function perform(
  service: JsonService,
  request: IncomingMessage,
  ledger: RequestLedger,
  credentials: IssuedCredentials,
): Promise<unknown> {
  const body = (await readBody(request)) as Buffer;
  const [target, name] = `${request.headers['x-amz-target'] ?? ''}`.split('.') as [string, string?];
  if (target !== service.target || !name) {
    throw new AwsError('UnknownOperationException', `X-Amz-Target must be ${service.target}.<operation>`);
  }
  const run = service.operations[name];
  const caller = credentials.nameOf(request.headers);
  return ledger.run({ service: service.name, operation: name, caller, body }, () => {
    if (!run) {
      const known = Object.keys(service.operations).join(', ');
      throw new AwsError(
        'UnknownOperationException',
        `the local ${service.name} knows ${known}, not ${name}`,
      );
    }
    return run(parseJson(body), caller);
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AwsError('SerializationException', 'the request is not JSON', { cause });
  }
}

function sendError(response: ServerResponse, service: JsonService, error: unknown): void {
  const known =
    error instanceof AwsError
      ? error
      : new AwsError('InternalFailure', String(error), { status: 500, cause: error });
  const code = known.code === 'InvalidInput' ? service.invalidCode : known.code;
  if (known.queryCode) response.setHeader('x-amzn-query-error', `${known.queryCode};Sender`);
  send(response, known.status, service.contentType, JSON.stringify({ __type: code, message: known.message }));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': crypto.randomUUID(),
  });
  response.end(body);
}
