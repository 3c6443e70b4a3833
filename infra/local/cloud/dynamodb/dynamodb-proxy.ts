/** The DynamoDB endpoint: counts requests, lets hooks interfere, asks the policies, and tells the stream mappings of every write. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, ConnectionDropped } from '../aws/aws-error.ts';
import type { Credentials, IssuedCredentials } from '../aws/credentials.ts';
import { readBody } from '../aws/http-server.ts';
import { errorBody } from '../aws/json-service.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { Failures } from '../failure.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { needsOf } from './permissions.ts';
import type { Tables } from './tables.ts';
import { refuseAmbiguousItems } from './transactions.ts';
import type { Upstream, UpstreamAnswer } from './upstream.ts';

const WRITES = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
  'ExecuteStatement',
  'BatchExecuteStatement',
  'ExecuteTransaction',
]);
// The only operations whose requests or answers hold ARNs; the others are passed on without a look inside.
const WITH_ARNS = /Table$|Tables$|TimeToLive$|Stream$|Streams$|ShardIterator$/;

interface Dependencies {
  readonly upstream: Upstream;
  readonly ledger: RequestLedger;
  readonly credentials: IssuedCredentials;
  readonly access: AccessControl;
  readonly failures: Failures;
  readonly tables: Tables;
  /** How the ARNs begin that functions and people see, up to the account and its colon. */
  readonly ownArns: string;
  /** Called after every request that may have written something. */
  readonly onWrite: () => void;
}

/** The request handler of the DynamoDB endpoint (tables and streams). */
export function dynamoProxy(dependencies: Dependencies) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = (await readBody(request)) as Buffer;
      const target = `${request.headers['x-amz-target'] ?? ''}`;
      const [api = '', operation = ''] = target.split('.');
      const service = api.startsWith('DynamoDBStreams') ? 'DynamoDBStreams' : 'DynamoDB';
      const caller = dependencies.credentials.signerOf(request.headers);
      const counted = { service, operation, caller: caller.name, body } as const;
      const answer = await dependencies.ledger.run(counted, () => {
        authorize(dependencies, caller, operation, body);
        refuseAmbiguousItems(operation, body);
        return forward(dependencies, target, operation, body);
      });
      respond(response, answer);
    } catch (error) {
      if (error instanceof ConnectionDropped) request.socket.destroy();
      else respondError(response, error);
    }
  };
}

/** Whoever is outside administers the tables; a function may do what its role allows. */
function authorize(
  { access, ownArns }: Dependencies,
  { principal }: Credentials,
  operation: string,
  body: Buffer,
): void {
  if (principal.kind === 'user') return;
  access.authorize(principal, needsOf(operation, body, `${ownArns}table/`));
}

async function forward(
  { upstream, tables, failures, ownArns, onWrite }: Dependencies,
  target: string,
  operation: string,
  body: Buffer,
): Promise<UpstreamAnswer> {
  const serverArns = WITH_ARNS.test(operation) ? tables.serverArns : undefined;
  const answer = await upstream.send(target, serverArns ? replaced(body, ownArns, serverArns) : body);
  if (WRITES.has(operation)) onWrite();
  if (answer.status >= 500) failures.checkText(answer.body.toString('utf8'));
  return serverArns ? { ...answer, body: replaced(answer.body, serverArns, ownArns) } : answer;
}

function replaced(body: Buffer, from: string, to: string): Buffer {
  return Buffer.from(body.toString('utf8').replaceAll(from, to));
}

function respond(response: ServerResponse, answer: UpstreamAnswer): void {
  // The checksum is of the server's own body, which may have been changed here.
  const {
    'x-amz-crc32': _checksum,
    connection: _connection,
    'content-length': _length,
    ...headers
  } = answer.headers;
  response.writeHead(answer.status, { ...headers, 'content-length': answer.body.length });
  response.end(answer.body);
}

function respondError(response: ServerResponse, error: unknown): void {
  const known =
    error instanceof AwsError ? error : new AwsError('InternalServerError', String(error), { status: 500 });
  const body = Buffer.from(
    JSON.stringify(errorBody(known.code, known.message, 'com.amazonaws.dynamodb.v20120810#')),
  );
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': crypto.randomUUID() };
  respond(response, { status: known.status, headers, body });
}
