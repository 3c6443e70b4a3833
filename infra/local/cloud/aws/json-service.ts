/** The AWS JSON protocol (1.0 and 1.1): one POST, the operation in X-Amz-Target, errors as `{"__type","message"}`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { AccessControl } from '../iam/access-control.ts';
import { AccessDenied } from '../iam/access-denied.ts';
import type { Need } from '../iam/evaluate.ts';
import { AwsError, ConnectionDropped } from './aws-error.ts';
import type { IssuedCredentials } from './credentials.ts';
import { readBody } from './http-server.ts';
import type { RequestLedger, ServiceName } from './request-ledger.ts';

/** Refuses the caller what it may not do. @throws AccessDenied */
type Authorize = (needs: readonly Need[]) => void;

/** One operation of a service: takes the parsed request, gives the answer's JSON. */
export type Operation = (input: unknown, authorize: Authorize) => unknown;

export interface JsonService {
  readonly name: ServiceName;
  /** What stands before the dot in X-Amz-Target, such as `AmazonSQS`. */
  readonly target: string;
  readonly contentType: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** The code answered for a request whose members do not fit. */
  readonly invalidCode: string;
  /** How this service spells a refusal. */
  readonly denied?: (refusal: AccessDenied) => AwsError;
}

/**
 * Builds an operation whose input is checked by a schema first; a member it does not know is refused by name. What
 * `needs` answers is then what the caller has to be allowed.
 */
export function operation<S extends z.ZodType>(
  schema: S,
  needs: (input: z.output<S>) => Need | readonly Need[],
  run: (input: z.output<S>) => unknown,
): Operation {
  return (input, authorize) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) {
      authorize([needs(parsed.data)].flat());
      return run(parsed.data);
    }
    throw new AwsError(
      'InvalidInput',
      `not a request the local cloud knows: ${z.prettifyError(parsed.error)}`,
    );
  };
}

interface Dependencies {
  readonly ledger: RequestLedger;
  readonly credentials: IssuedCredentials;
  readonly access: AccessControl;
}

/** The request handler of a JSON service: counts, asks the hooks, asks the policies, runs the operation. */
export function jsonServiceHandler(service: JsonService, dependencies: Dependencies) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const answer = await perform(service, request, dependencies);
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
  { ledger, credentials, access }: Dependencies,
): Promise<unknown> {
  const body = (await readBody(request)) as Buffer;
  const [target, name] = `${request.headers['x-amz-target'] ?? ''}`.split('.') as [string, string?];
  if (target !== service.target || !name) {
    throw new AwsError('UnknownOperationException', `X-Amz-Target must be ${service.target}.<operation>`);
  }
  const run = service.operations[name];
  const { name: caller, principal } = credentials.signerOf(request.headers);
  return ledger.run({ service: service.name, operation: name, caller, body }, () => {
    if (!run) {
      const known = Object.keys(service.operations).join(', ');
      throw new AwsError(
        'UnknownOperationException',
        `the local ${service.name} knows ${known}, not ${name}`,
      );
    }
    return run(parseJson(body), (needs) => access.authorize(principal, needs));
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
  const known = asAwsError(service, error);
  const code = known.code === 'InvalidInput' ? service.invalidCode : known.code;
  if (known.queryCode) response.setHeader('x-amzn-query-error', `${known.queryCode};Sender`);
  send(response, known.status, service.contentType, JSON.stringify(errorBody(code, known.message)));
}

function asAwsError({ denied }: JsonService, error: unknown): AwsError {
  if (error instanceof AccessDenied && denied) return denied(error);
  if (error instanceof AwsError) return error;
  return new AwsError('InternalFailure', String(error), { status: 500, cause: error });
}

/** A refusal comes from what stands in front of every service, and so has another form than the service's own errors. */
export function errorBody(code: string, message: string, namespace = ''): object {
  return code === 'AccessDeniedException'
    ? { __type: `com.amazon.coral.service#${code}`, Message: message }
    : { __type: `${namespace}${code}`, message };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': crypto.randomUUID(),
  });
  response.end(body);
}
