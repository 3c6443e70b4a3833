/** What an S3 operation answers, and how it is written. */
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../aws/aws-error.ts';
import { element } from '../aws/xml.ts';

export interface S3Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | Readable;
}

/** An XML document as a body. */
export function xmlResponse(content: string): S3Response {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${content}`);
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', 'content-length': String(body.length) },
    body,
  };
}

export async function writeResponse(
  response: ServerResponse,
  { status, headers, body }: S3Response,
): Promise<void> {
  const stream = Buffer.isBuffer(body) ? undefined : body;
  try {
    response.writeHead(status, { ...headers, 'x-amz-request-id': crypto.randomUUID() });
  } catch (error) {
    stream?.destroy();
    throw error;
  }
  // A caller that goes away while it is sent an object has had enough of it.
  if (stream) await pipeline(stream, response).catch(() => response.destroy());
  else response.end(body);
}

export function errorResponse(error: unknown): S3Response {
  const known =
    error instanceof AwsError ? error : new AwsError('InternalError', String(error), { status: 500 });
  return {
    ...xmlResponse(element('Error', [element('Code', known.code), element('Message', known.message)])),
    status: known.status,
  };
}
