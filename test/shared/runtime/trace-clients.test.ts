/** What X-Ray's daemon is told of requests to AWS, and that bundles hold it only where the deployment traces. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, buildSync } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { BUNDLE, TRACED_BUNDLE } from '../../../infra/constructs/bundling.ts';

/** Asks a table for an item, then for a presigned URL, and waits for what was sent to be out. */
const FUNCTION = `
  import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
  import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
  import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
  const dynamodb = new DynamoDBClient({ maxAttempts: 1 });
  const s3 = new S3Client({ maxAttempts: 1, forcePathStyle: true });
  const get = (id) => dynamodb.send(new GetItemCommand({ TableName: 'tasks', Key: { id: { S: id } } }));
  await get('a secret fox');
  await get('refused').catch(() => undefined);
  await s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' })).catch(() => undefined);
  await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
`;

const SAMPLED = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

/** DynamoDB and S3: the first item is there, the second is refused, no object is there. */
async function services() {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const headers = { 'x-amzn-requestid': 'request-1', 'content-type': 'application/x-amz-json-1.0' };
      if (request.method === 'HEAD') response.writeHead(404).end();
      else if (body.includes('refused')) {
        response.writeHead(400, headers).end('{"__type":"AccessDeniedException","message":"a secret"}');
      } else response.writeHead(200, headers).end('{"Item":{"id":{"S":"a secret fox"}}}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stands for X-Ray's daemon. */
async function daemon() {
  const received: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message) => received.push(message.toString()));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  const { port } = socket.address();
  /** When what was sent before has come. */
  const all = async () => {
    socket.send('end', port, '127.0.0.1');
    await expect.poll(() => received.at(-1)).toBe('end');
    return received.slice(0, -1);
  };
  return { all, address: `127.0.0.1:${port}` };
}

/** Bundles the function as it is deployed, and runs it in a process of its own. */
async function run(options: BuildOptions, traceId: string) {
  const { all, address } = await daemon();
  const directory = await mkdtemp(join(tmpdir(), 'wanhook-trace-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const stdin = { contents: FUNCTION, resolveDir: import.meta.dirname };
  const { outputFiles = [] } = buildSync({ ...options, stdin, write: false });
  await writeFile(join(directory, 'index.mjs'), outputFiles[0]!.contents);
  await promisify(execFile)(process.execPath, [join(directory, 'index.mjs')], {
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: await services(),
      AWS_XRAY_DAEMON_ADDRESS: address,
      _X_AMZN_TRACE_ID: traceId,
    },
  });
  return { received: await all(), text: outputFiles[0]!.text };
}

test('each request that is sent is a subsegment of the invocation, without what was sent or came', async () => {
  const { received } = await run(TRACED_BUNDLE, SAMPLED);

  const documents = received.map((message) => {
    const [header = '', document = ''] = message.split('\n');
    expect(JSON.parse(header)).toEqual({ format: 'json', version: 1 });
    return JSON.parse(document);
  });
  expect(documents).toMatchObject([
    {
      name: 'DynamoDB',
      trace_id: '1-5759e988-bd862e3fe1be46a994272793',
      parent_id: '53995c3f42cd8ad8',
      type: 'subsegment',
      namespace: 'aws',
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      aws: { operation: 'GetItem', request_id: 'request-1', retries: 0 },
      http: { response: { status: 200 } },
    },
    { name: 'DynamoDB', error: true, cause: { exceptions: [{ type: 'AccessDeniedException' }] } },
    { name: 'S3', error: true, aws: { operation: 'HeadObject' }, http: { response: { status: 404 } } },
  ]);
  expect(documents[0].end_time).toBeGreaterThanOrEqual(documents[0].start_time);
  expect(documents[0]).not.toHaveProperty('error');
  expect(received.join()).not.toContain('secret');
});

test('an invocation that is not sampled has none', async () => {
  const { received } = await run(TRACED_BUNDLE, SAMPLED.replace('Sampled=1', 'Sampled=0'));

  expect(received).toEqual([]);
});

// Regression: esbuild drops an injected file that package.json says has no side effects, unless a bundle holds CommonJS.
test('a bundle of ES modules alone holds it too', () => {
  const stdin = { contents: 'export const handler = () => 1;', resolveDir: import.meta.dirname };
  const { outputFiles = [] } = buildSync({ ...TRACED_BUNDLE, stdin, write: false });

  expect(outputFiles[0]!.text).toContain('AWS_XRAY_DAEMON_ADDRESS');
});

test('without the setting a bundle holds none of it', async () => {
  const { received, text } = await run(BUNDLE, SAMPLED);

  expect(received).toEqual([]);
  expect(text).not.toContain('AWS_XRAY_DAEMON_ADDRESS');
});
