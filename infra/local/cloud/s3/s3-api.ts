/** The S3 API: authenticates a request, lets it be counted and interfered with, and executes it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { AwsError, ConnectionDropped } from '../aws/aws-error.ts';
import type { IssuedCredentials } from '../aws/credentials.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { AccessDenied } from '../iam/access-denied.ts';
import type { Need } from '../iam/evaluate.ts';
import { headBucket, listBuckets, listObjects } from './bucket-operations.ts';
import { deleteObject, getObject, putObject } from './object-operations.ts';
import type { ObjectStore } from './object-store.ts';
import { needOfMissing, needsOf } from './permissions.ts';
import { notImplemented } from './s3-error.ts';
import { readS3Request, type S3Request } from './s3-request.ts';
import { errorResponse, type S3Response, writeResponse } from './s3-response.ts';
import { authenticate } from './signature.ts';

interface Dependencies {
  readonly store: ObjectStore;
  readonly ledger: RequestLedger;
  readonly credentials: IssuedCredentials;
  readonly access: AccessControl;
  readonly partition: string;
}

type Operation = (store: ObjectStore, request: S3Request) => S3Response | Promise<S3Response>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  DeleteObject: deleteObject,
  GetObject: getObject,
  HeadBucket: headBucket,
  HeadObject: getObject,
  ListBuckets: listBuckets,
  ListObjectsV2: listObjects,
  PutObject: putObject,
};

/** The request handler of the S3 endpoint. */
export function s3Handler(dependencies: Dependencies) {
  return async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await writeResponse(response, await answer(dependencies, message));
    } catch (error) {
      if (error instanceof ConnectionDropped) {
        message.socket.destroy();
        return;
      }
      // What is left of the body would otherwise be taken for the connection's next request.
      message.resume();
      await writeResponse(response, errorResponse(error instanceof AccessDenied ? error.ofS3 : error));
    }
  };
}

async function answer(
  { store, ledger, credentials, access, partition }: Dependencies,
  message: IncomingMessage,
): Promise<S3Response> {
  const [path = '/', query = ''] = `${message.url}`.split('?') as [string, string?];
  const signed = { method: message.method ?? 'GET', path, query, headers: message.headers };
  const { name: caller, principal } = authenticate(signed, credentials);
  const request = readS3Request(message, path, query);
  const { operation } = request;
  let executed: S3Response | undefined;
  try {
    // Objects are streamed, so a hook sees no body.
    return await ledger.run({ service: 'S3', operation, caller, body: '', path }, async () => {
      if (request.bucket) store.expectBucket(request.bucket);
      const authorize = (needs: readonly Need[]): void => access.authorize(principal, needs);
      authorize(needsOf(request, partition));
      executed = await execute(store, request).catch((error: unknown) => {
        if (error instanceof AwsError && error.code === 'NoSuchKey') {
          authorize([needOfMissing(request, partition)]);
        }
        throw error;
      });
      return executed;
    });
  } catch (error) {
    if (executed?.body instanceof Readable) executed.body.destroy();
    throw error;
  }
}

async function execute(store: ObjectStore, request: S3Request): Promise<S3Response> {
  const operation = OPERATIONS[request.operation];
  if (operation) return operation(store, request);
  throw notImplemented(`${request.operation}; it knows ${Object.keys(OPERATIONS).join(', ')}`);
}
