/** The guarded look-up: a name is judged by the very addresses that are then connected to (promise 9). */
import dns, { type LookupAddress } from 'node:dns';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { request } from '../../../shared/http/request.ts';
import { FORBIDDEN_ADDRESS, guardedLookup } from '../../../shared/security/url-guard.ts';
import { serve } from '../../support/server.ts';

const strict = { allowHttp: true, allowedRanges: [] };
const answers: (string[] | Error)[] = [];

const real = dns.lookup;
vi.spyOn(dns, 'lookup').mockImplementation(((name: string, options: object, done: Done) => {
  const answer = answers.length > 1 ? answers.shift()! : answers[0];
  if (!answer || name !== 'pictures.example.com') return real(name, options as never, done as never);
  if (answer instanceof Error) return done(answer, []);
  return done(
    null,
    answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  );
}) as never);
type Done = (error: Error | null, addresses: LookupAddress[]) => void;

afterEach(() => answers.splice(0));
afterAll(() => vi.restoreAllMocks());

/** What the look-up tells Node, with `all` or without. */
function lookUp(rules: { allowHttp: boolean; allowedRanges: string[] }, all: boolean) {
  return new Promise<{ code: string | undefined; address: unknown; family: unknown }>((resolve) => {
    guardedLookup(rules)('pictures.example.com', { all }, (error, address, family) =>
      resolve({ code: error?.code, address, family }),
    );
  });
}

describe('a name', () => {
  test.each([true, false])('with public addresses is answered (all: %s)', async (all) => {
    answers.push(['93.184.216.34', '2606:4700::1']);

    const { code, address, family } = await lookUp(strict, all);

    expect(code).toBeUndefined();
    expect(all ? address : [{ address, family }]).toEqual([
      { address: '93.184.216.34', family: 4 },
      ...(all ? [{ address: '2606:4700::1', family: 6 }] : []),
    ]);
  });

  test.each([
    ['loopback', ['127.0.0.1']],
    ['the metadata address', ['169.254.169.254']],
    ['a private address', ['10.0.0.7']],
    ['loopback, IPv6', ['::1']],
    ['a mapped private address', ['::ffff:10.0.0.7']],
    ['a link-local address with a zone', ['fe80::1%eth0']],
    ['a public and a private one', ['93.184.216.34', '10.0.0.7']],
    ['a private and a public one', ['fd00::1', '93.184.216.34']],
  ])('that leads to %s is refused', async (_, addresses) => {
    answers.push(addresses);
    for (const all of [true, false]) expect((await lookUp(strict, all)).code).toBe(FORBIDDEN_ADDRESS);
  });

  test("in an operator's range is answered; beside another internal one it is not", async () => {
    const rules = { allowHttp: true, allowedRanges: ['10.0.0.0/8'] };
    answers.push(['10.0.0.7'], ['10.0.0.7', '192.168.0.1']);

    expect((await lookUp(rules, true)).code).toBeUndefined();
    expect((await lookUp(rules, true)).code).toBe(FORBIDDEN_ADDRESS);
  });

  test('that does not resolve is not forbidden, only unknown', async () => {
    answers.push(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    expect((await lookUp(strict, true)).code).toBe('ENOTFOUND');
  });

  test('that changes its answer is judged by each answer', async () => {
    answers.push(['93.184.216.34'], ['127.0.0.1']);

    expect((await lookUp(strict, true)).code).toBeUndefined();
    expect((await lookUp(strict, true)).code).toBe(FORBIDDEN_ADDRESS);
  });
});

describe('in a request', () => {
  const limits = { timeoutMs: 60_000, maxBytes: 100 };

  test('nothing connects to a server on a forbidden address', async () => {
    const server = await serve(() => ({ body: 'secret' }));
    answers.push(['127.0.0.1']);
    const url = new URL(server.url.replace('127.0.0.1', 'pictures.example.com'));

    const failure = await request(url, { ...limits, lookup: guardedLookup(strict) }).catch((error) => error);

    expect(failure).toMatchObject({ code: FORBIDDEN_ADDRESS, sent: false });
    expect(server.seen).toEqual([]);
    await server.close();
  });

  test('an allowed range is connected to, under its own name', async () => {
    const server = await serve(() => ({ body: 'picture' }));
    answers.push(['127.0.0.1']);
    const rules = { allowHttp: true, allowedRanges: ['127.0.0.0/8'] };
    const url = new URL(server.url.replace('127.0.0.1', 'pictures.example.com'));

    const reply = await request(url, { ...limits, lookup: guardedLookup(rules) });

    expect(reply.body.toString()).toBe('picture');
    expect(server.seen[0]?.headers.host).toBe(url.host);
    await server.close();
  });
});
