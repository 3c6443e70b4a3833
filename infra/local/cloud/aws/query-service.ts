/** The AWS query protocol: a form with the operation as `Action`, answered in XML. Members are strings, and lists of structures. */
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
import { unknownOperation } from './json-service.ts';
import type { ServiceName } from './request-ledger.ts';
import { element } from './xml.ts';

export interface QueryService {
  readonly name: ServiceName;
  /** Of the API, which every request names. */
  readonly version: string;
  readonly namespace: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** The code answered for a request whose parameters do not fit. */
  readonly invalidCode: string;
}

const TYPE = 'text/xml';

/** The request handler of a query service. */
export const queryServiceHandler = (service: QueryService, dependencies: ApiDependencies) =>
  apiHandler(
    {
      name: service.name,
      read: (request, body) => callOf(service, request, body),
      answer: (response, result, operation) => {
        const members = Object.entries((result ?? {}) as Record<string, unknown>);
        const content = [
          element(
            `${operation}Result`,
            members.map(([name, value]) => member(name, value)),
          ),
          element('ResponseMetadata', [element('RequestId', crypto.randomUUID())]),
        ];
        send(response, { status: 200, type: TYPE, body: document(`${operation}Response`, service, content) });
      },
      refuse: (response, error) => {
        const known = asAwsError(error);
        const isDenied = error instanceof AccessDenied;
        const content = [
          element('Error', [
            element('Type', known.status >= 500 ? 'Receiver' : 'Sender'),
            element('Code', isDenied ? 'AuthorizationError' : codeOf(known, service)),
            element('Message', known.message),
          ]),
          element('RequestId', crypto.randomUUID()),
        ];
        const status = isDenied ? 403 : known.status;
        send(response, { status, type: TYPE, body: document('ErrorResponse', service, content) });
      },
    },
    dependencies,
  );

const codeOf = ({ code }: AwsError, { invalidCode }: QueryService): string =>
  code === INVALID_INPUT ? invalidCode : code;

function callOf({ name, version, operations }: QueryService, request: IncomingMessage, body: Buffer): Call {
  const { Action, Version, ...parameters } = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
  if (request.method !== 'POST' || !Action || Version !== version) {
    throw new AwsError('InvalidAction', `a request must be a POST with an Action of the version ${version}`);
  }
  return {
    operation: Action,
    run: operations[Action] ?? unknownOperation(name, Action, Object.keys(operations)),
    input: () => parameters,
  };
}

const document = (name: string, { namespace }: QueryService, content: readonly string[]): string =>
  `<${name} xmlns="${namespace}">${content.join('')}</${name}>`;

function member(name: string, value: unknown): string {
  if (!Array.isArray(value)) return element(name, String(value));
  const structures = value.map((one: Record<string, unknown>) =>
    element(
      'member',
      Object.entries(one).map(([inner, text]) => element(inner, String(text))),
    ),
  );
  return element(name, structures);
}
