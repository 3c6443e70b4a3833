/**
 * What every local AWS API does with a request, whatever its protocol: finds the operation, counts it, lets the hooks interfere,
 * asks the policies, runs it, and answers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { AccessControl } from '../iam/access-control.ts';
import type { Need } from '../iam/evaluate.ts';
import { AwsError, ConnectionDropped } from './aws-error.ts';
import type { IssuedCredentials } from './credentials.ts';
import { readBody } from './http-server.ts';
import type { RequestLedger, ServiceName } from './request-ledger.ts';

/** Refuses the caller what it may not do. @throws AccessDenied */
type Authorize = (needs: readonly Need[]) => void;

/** One operation of a service: takes the parsed request, gives the answer's members. */
export type Operation = (input: unknown, authorize: Authorize) => unknown;

/** The code of a request whose members do not fit; each service spells it in its own way. */
export const INVALID_INPUT = 'InvalidInput';

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
      INVALID_INPUT,
      `not a request the local cloud knows: ${z.prettifyError(parsed.error)}`,
    );
  };
}

/** What a request asks for. */
export interface Call {
  readonly operation: string;
  readonly run: Operation;
  /** @throws AwsError when it cannot be read */
  readonly input: () => unknown;
}

/** How one API's requests and answers are written. */
export interface Protocol {
  readonly name: ServiceName;
  /** @throws AwsError when the request asks for nothing that the API knows */
  read(request: IncomingMessage, body: Buffer): Call;
  answer(response: ServerResponse, result: unknown, operation: string): void;
  refuse(response: ServerResponse, error: unknown): void;
}

export interface ApiDependencies {
  readonly ledger: RequestLedger;
  readonly credentials: IssuedCredentials;
  readonly access: AccessControl;
}

/** The request handler of an API. */
export function apiHandler(protocol: Protocol, { ledger, credentials, access }: ApiDependencies) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = (await readBody(request)) as Buffer;
      const { operation, run, input } = protocol.read(request, body);
      const { name: caller, principal } = credentials.signerOf(request.headers);
      const result = await ledger.run({ service: protocol.name, operation, caller, body }, () =>
        run(input(), (needs) => access.authorize(principal, needs)),
      );
      protocol.answer(response, result, operation);
    } catch (error) {
      if (error instanceof ConnectionDropped) request.socket.destroy();
      else protocol.refuse(response, error);
    }
  };
}

/** What went wrong, as an error that can be answered. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError('InternalFailure', String(error), { status: 500, cause: error });
}

export function send(
  response: ServerResponse,
  { status, type, body }: { readonly status: number; readonly type: string; readonly body: string },
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': crypto.randomUUID(),
  });
  response.end(body);
}
