/** The AWS JSON protocol (1.0 and 1.1): one POST, the operation in X-Amz-Target, errors as `{"__type","message"}`. */
import type { IncomingMessage } from 'node:http';
import { AccessDenied } from '../iam/access-denied.ts';
import {
  type ApiDependencies,
  apiHandler,
  asAwsError,
  type Call,
  INVALID_INPUT,
  type Operation,
  send,
} from './api.ts';
import { AwsError } from './aws-error.ts';
import type { ServiceName } from './request-ledger.ts';

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

/** The request handler of a JSON service. */
export const jsonServiceHandler = (service: JsonService, dependencies: ApiDependencies) =>
  apiHandler(
    {
      name: service.name,
      read: (request, body) => callOf(service, request, body),
      answer: (response, result) =>
        send(response, { status: 200, type: service.contentType, body: JSON.stringify(result ?? {}) }),
      refuse: (response, error) => {
        const known =
          error instanceof AccessDenied && service.denied ? service.denied(error) : asAwsError(error);
        const code = known.code === INVALID_INPUT ? service.invalidCode : known.code;
        if (known.queryCode) response.setHeader('x-amzn-query-error', `${known.queryCode};Sender`);
        const body = JSON.stringify(errorBody(code, known.message));
        send(response, { status: known.status, type: service.contentType, body });
      },
    },
    dependencies,
  );

function callOf(
  { target, name: service, operations }: JsonService,
  request: IncomingMessage,
  body: Buffer,
): Call {
  const [asked, name] = `${request.headers['x-amz-target'] ?? ''}`.split('.') as [string, string?];
  if (asked !== target || !name) {
    throw new AwsError('UnknownOperationException', `X-Amz-Target must be ${target}.<operation>`);
  }
  return {
    operation: name,
    run: operations[name] ?? unknownOperation(service, name, Object.keys(operations)),
    input: () => parseJson(body),
  };
}

/** Counted as any other, and refused by name. */
export function unknownOperation(service: string, name: string, known: readonly string[]): Operation {
  return () => {
    throw new AwsError(
      'UnknownOperationException',
      `the local ${service} knows ${known.join(', ')}, not ${name}`,
    );
  };
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AwsError('SerializationException', 'the request is not JSON', { cause });
  }
}

/** A refusal comes from what stands in front of every service, and so has another form than the service's own errors. */
export function errorBody(code: string, message: string, namespace = ''): object {
  return code === 'AccessDeniedException'
    ? { __type: `com.amazon.coral.service#${code}`, Message: message }
    : { __type: `${namespace}${code}`, message };
}
