/**
 * Receivers that do whatever they like: each attempt is an outcome, it ends in time, and little is read of it.
 * SEED=… repeats a run.
 */
import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attempted, postWebhook } from '../../../shared/webhooks/post.ts';
import { randomFrom } from '../../support/random.ts';
import { serveRaw } from '../../support/server.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** For receivers that only the time-out ends; the others get what a webhook gets. */
const SHORT_MS = 400;
const TIMEOUT_MS = 10_000;
const KILOBYTE = 1024;
/** 64 kB, what the kernel hands over at once when they are exceeded, and the answer's head. */
const MOST_READ = (64 + 64 + 17) * KILOBYTE;

type Random = () => number;
const oneOf = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

const statuses = [
  '200 OK',
  '204 No Content',
  '302 Found',
  '401 No',
  '410 Gone',
  '429 Wait',
  '500 Oh',
  '999 x',
  '042 y',
  'xyz',
];
const headers = [
  'retry-after: 3',
  'retry-after: -1',
  'retry-after: 99999999999999999999999999',
  'retry-after: 1e9',
  'retry-after: Fri, 31 Dec 9999 23:59:59 GMT',
  'retry-after: \u0000',
  'webhook-delivery: disable',
  'webhook-delivery: maybe',
  'location: http://169.254.169.254/',
  'location: %%%',
  'content-length: 99999999999',
  'content-length: -5',
  'content-length: 3',
  'transfer-encoding: chunked',
  'content-encoding: gzip',
  'connection: keep-alive',
  `x-long: ${'x'.repeat(20_000)}`,
];

/** Writes as long as the other side takes it. */
function pour(socket: Socket, piece: Buffer, bytes: number, end: () => void): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= piece.length;
      if (!socket.write(piece)) return void socket.once('drain', more);
    }
    end();
  };
  more();
}

/** What a receiver does once it was spoken to. */
const tricks: Record<string, (socket: Socket, random: Random) => void> = {
  nothing: () => undefined,
  'a close': (socket) => socket.destroy(),
  'half a head': (socket) => socket.end('HTTP/1.1 200 O'),
  'an endless head': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    pour(socket, Buffer.from(`x: ${'y'.repeat(1000)}\r\n`), 10 * KILOBYTE * KILOBYTE, () => socket.end());
  },
  'interim answers without an end': (socket) =>
    pour(socket, Buffer.from('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)), 10 * KILOBYTE * KILOBYTE, () =>
      socket.end(),
    ),
  'another protocol': (socket) =>
    socket.end('HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'),
  noise: (socket, random) => socket.end(Buffer.from(Array.from({ length: 300 }, () => random() * 256))),
  'an answer a byte at a time': (socket) => {
    const answer = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n${'.'.repeat(2000)}`);
    let at = 0;
    const drip = setInterval(() => socket.write(answer.subarray(at, ++at)), 10);
    socket.once('close', () => clearInterval(drip));
  },
  'chunks with endless extensions': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;');
    pour(socket, Buffer.alloc(8 * KILOBYTE, 'x'), 10 * KILOBYTE * KILOBYTE, () => socket.end());
  },
  '10 MB': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${10 * KILOBYTE * KILOBYTE}\r\n\r\n`);
    pour(socket, Buffer.alloc(64 * KILOBYTE, '.'), 10 * KILOBYTE * KILOBYTE, () => socket.end());
  },
  'any answer': (socket, random) => {
    const chosen = headers.filter(() => random() < 0.15);
    socket.write([`HTTP/1.1 ${oneOf(random, statuses)}`, ...chosen, '', ''].join('\r\n'));
    const body = Buffer.alloc(
      oneOf(random, [0, 1, 3, 5000, 200_000]),
      oneOf(random, ['.', '狐', '\u0000', '0\r\n\r\n']),
    );
    socket.write(body);
    if (random() < 0.7) socket.end();
  },
};

/** Our side of every connection, for what was read on it. */
const sockets: Socket[] = [];
const keep = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
beforeAll(() => diagnostics.subscribe('net.client.socket', keep));
afterAll(() => void diagnostics.unsubscribe('net.client.socket', keep));

async function attemptAt(
  trick: (socket: Socket) => void,
  timeoutMs = SHORT_MS,
): Promise<{ attempted: Attempted; bytesRead: number }> {
  const server = await serveRaw(trick);
  sockets.length = 0;
  try {
    const attempted = await postWebhook(
      { url: server.url, id: 'task_1:completed', body: '{}', secrets: ['whsec_c2VjcmV0'] },
      { allowedRanges: [], allowLoopbackHttp: true },
      Date.now,
      timeoutMs,
    );
    return { attempted, bytesRead: sockets.reduce((sum, socket) => sum + socket.bytesRead, 0) };
  } finally {
    await server.close();
  }
}

function expectOutcome({ attempted, bytesRead }: Awaited<ReturnType<typeof attemptAt>>): void {
  const { verdict, status, error, answer, retryAfterSeconds } = attempted;
  expect(['delivered', 'retry', 'end']).toContain(verdict);
  expect(verdict === 'delivered').toBe(error === undefined);
  if (verdict === 'delivered') expect(Math.floor(status! / 100)).toBe(2);
  if (verdict === 'end') expect(['gone', 'disabled']).toContain(error);
  expect(Buffer.byteLength(answer ?? '')).toBeLessThanOrEqual(KILOBYTE);
  expect(retryAfterSeconds ?? 0).toBeGreaterThanOrEqual(0);
  expect(retryAfterSeconds ?? 0).toBeLessThanOrEqual(86_400);
  expect(bytesRead).toBeLessThanOrEqual(MOST_READ);
  // One connection, so no redirect was followed.
  expect(sockets).toHaveLength(1);
}

const expected: Record<string, Partial<Attempted>> = {
  nothing: { verdict: 'retry', error: 'timeout' },
  'a close': { verdict: 'retry', error: 'connection_closed' },
  'half a head': { verdict: 'retry' },
  'an endless head': { verdict: 'retry', error: 'invalid_answer' },
  'interim answers without an end': { verdict: 'retry', error: 'invalid_answer' },
  'another protocol': { verdict: 'retry', error: 'connection_closed' },
  noise: { verdict: 'retry' },
  'an answer a byte at a time': { verdict: 'retry', error: 'timeout' },
  'chunks with endless extensions': { verdict: 'retry', error: 'connection_closed' },
  '10 MB': { verdict: 'delivered', status: 200 },
};

test.each(Object.keys(expected))('%s', async (name) => {
  const timeoutMs = expected[name]!.error === 'timeout' ? SHORT_MS : TIMEOUT_MS;

  const made = await attemptAt((socket) => tricks[name]!(socket, randomFrom(seed)), timeoutMs);

  expect(made.attempted).toMatchObject(expected[name]!);
  expectOutcome(made);
});

test.each(Array.from({ length: 100 }, (_, nth) => seed + nth))('any answer (seed %i)', async (start) => {
  const random = randomFrom(start);

  expectOutcome(await attemptAt((socket) => tricks['any answer']!(socket, random)));
});
