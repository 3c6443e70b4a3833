/** The DynamoDB endpoint: counts requests, lets hooks interfere, and tells the stream mappings of every write. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, ConnectionDropped } from '../aws/aws-error.ts';
import type { IssuedCredentials } from '../aws/credentials.ts';
import { readBody } from '../aws/http-server.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { Failures } from '../failure.ts';
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
const SERVERS_REGION = 'arn:aws:dynamodb:dynoxide:';

interface Dependencies {
  readonly upstream: Upstream;
  readonly ledger: RequestLedger;
  readonly credentials: IssuedCredentials;
  readonly failures: Failures;
  readonly region: string;
  /** Called after every request that may have written something. */
  readonly onWrite: () => void;
}

/** The request handler of the DynamoDB endpoint (tables and streams). */
export function dynamoProxy(dependencies: Dependencies) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = (await readBody(request)) as Buffer;
      const [api, operation = ''] = `${request.headers['x-amz-target'] ?? ''}`.split('.') as [
        string,
        string?,
      ];
      const service = api.startsWith('DynamoDBStreams') ? 'DynamoDBStreams' : 'DynamoDB';
      const caller = dependencies.credentials.nameOf(request.headers);
      const answer = await dependencies.ledger.run({ service, operation, caller, body }, () =>
        forward(dependencies, operation, request, body),
      );
      respond(response, answer);
    } catch (error) {
      if (error instanceof ConnectionDropped) request.socket.destroy();
      else respondError(response, error);
    }
  };
}

async function forward(
  dependencies: Dependencies,
  operation: string,
  request: IncomingMessage,
  body: Buffer,
): Promise<UpstreamAnswer> {
  const withArns = WITH_ARNS.test(operation);
  const ours = `arn:aws:dynamodb:${dependencies.region}:`;
  const answer = await dependencies.upstream.send(
    request.headers,
    withArns ? replaced(body, ours, SERVERS_REGION) : body,
  );
  if (WRITES.has(operation)) dependencies.onWrite();
  if (answer.status >= 500) dependencies.failures.checkText(answer.body.toString('utf8'));
  return withArns ? { ...answer, body: replaced(answer.body, SERVERS_REGION, ours) } : answer;
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
    JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${known.code}`, message: known.message }),
  );
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': crypto.randomUUID() };
  respond(response, { status: known.status, headers, body });
}
