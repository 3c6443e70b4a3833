import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { PageFile } from '../../../functions/page/page-file.ts';
import { securityHeaders } from '../../../functions/page/security-headers.ts';
import { pageServer } from '../../../functions/page/serve.ts';
import type { HttpEvent } from '../../../shared/http/api.ts';

const file = (name: string, contentType: string, text: string): PageFile => ({
  name,
  contentType,
  entityTag: `W/"of-${name}"`,
  text,
  gzip: gzipSync(text).toString('base64'),
  br: brotliCompressSync(text).toString('base64'),
});
const document = file('', 'text/html; charset=utf-8', '<!doctype html>');
const script = file('main-1.js', 'text/javascript; charset=utf-8', 'run("世");');

const secure = securityHeaders('https://images.example');
const serve = pageServer([document, script], secure);
const get = (name: string | undefined, headers: Record<string, string> = {}) =>
  serve({ headers, ...(name !== undefined && { pathParameters: { name } }) } as unknown as HttpEvent);

test('the document is asked for again each time', () => {
  const answer = get(undefined);

  expect(answer).toMatchObject({ statusCode: 200, body: '<!doctype html>' });
  expect(answer.headers).toMatchObject({
    ...secure,
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    etag: document.entityTag,
    vary: 'accept-encoding',
  });
});

test('what has its hash in its name is kept for good', () => {
  expect(get('main-1.js').headers?.['cache-control']).toBe('public, max-age=31536000, immutable');
});

test('an encoding that the client takes is used', () => {
  const brotli = get('main-1.js', { 'accept-encoding': 'gzip, br' });
  const gzip = get('main-1.js', { 'accept-encoding': 'gzip' });

  expect(brotli).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'br' } });
  expect(brotliDecompressSync(Buffer.from(brotli.body!, 'base64')).toString()).toBe(script.text);
  expect(gzip).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
  expect(gunzipSync(Buffer.from(gzip.body!, 'base64')).toString()).toBe(script.text);
});

test.each([document.entityTag, `"x", ${document.entityTag}`, '"of-"', '*'])(
  'who has it already (%s) is told so',
  (known) => {
    const answer = get(undefined, { 'if-none-match': known });

    expect(answer.statusCode).toBe(304);
    expect(answer.body).toBeUndefined();
    expect(answer.headers).toMatchObject({ etag: document.entityTag, 'cache-control': 'no-cache' });
  },
);

test('who has another version gets this one', () => {
  expect(get(undefined, { 'if-none-match': 'W/"old"' }).statusCode).toBe(200);
});

test.each(['main-2.js', '../main-1.js', 'constructor', ' '])('there is no file %j', (name) => {
  const answer = get(name);

  expect(answer.statusCode).toBe(404);
  expect(answer.headers).toMatchObject({ ...secure, 'cache-control': 'no-store' });
  expect(JSON.parse(answer.body!)).toMatchObject({ error: { code: 'not_found' } });
});

test('the policy lets the page run its own script, call its own API, show the bucket’s images, and no more', () => {
  const policy = secure['content-security-policy']!;
  const sources = policy.split('; ').map((directive) => directive.split(' '));

  expect(sources[0]).toEqual(['default-src', "'none'"]);
  expect(policy).not.toMatch(/unsafe|\*/);
  const foreign = sources.filter(([, ...allowed]) => allowed.includes('https://images.example'));
  expect(foreign.map(([name]) => name)).toEqual(['img-src']);
  expect(sources).toContainEqual(['frame-ancestors', "'none'"]);
});
