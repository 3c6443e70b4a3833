/** The page as the HTTP API serves it: what a browser is told of it, and where its images may come from. */
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, inject, test } from 'vitest';
import { readAssembly } from '../../infra/local/cloud/index.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();
const { template } = await readAssembly(inject('shared').assembly);

/** As it comes over the wire: `fetch` would decode it. */
function get(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status?: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      const sent = request(`${system.cloud.apiUrl}${path}`, { headers }, async (response) => {
        resolve({
          ...(response.statusCode !== undefined && { status: response.statusCode }),
          headers: response.headers,
          body: await buffer(response),
        });
      });
      sent.on('error', reject).end();
    },
  );
}

const document = await get('/');
const assets = [...document.body.toString().matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path!);

test('the document names assets that are there, for good, each of its own kind', async () => {
  const answers = await Promise.all(assets.map((path) => get(path)));

  expect(document).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } });
  expect(answers.map(({ status, headers }) => [status, headers['content-type']])).toEqual([
    [200, 'image/svg+xml; charset=utf-8'],
    [200, 'text/css; charset=utf-8'],
    [200, 'text/javascript; charset=utf-8'],
  ]);
  for (const { headers } of answers) expect(headers['cache-control']).toContain('immutable');
});

test('compressed bytes come through the gateway as they are', async () => {
  const plain = await get(assets[2]!);
  const brotli = await get(assets[2]!, { 'accept-encoding': 'br' });

  expect(brotli.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' });
  expect(Number(brotli.headers['content-length'])).toBe(brotli.body.length);
  expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
});

test('a document that the browser has is not sent again', async () => {
  const again = await get('/', { 'if-none-match': String(document.headers.etag) });

  expect([again.status, again.body.length]).toEqual([304, 0]);
});

test('what is no file of the page is 404, with the headers of every answer', async () => {
  const { status, headers, body } = await get('/assets/main-0000.js');

  expect([status, JSON.parse(body.toString()).error.code]).toEqual([404, 'not_found']);
  expect(headers['content-security-policy']).toBe(document.headers['content-security-policy']);
});

test('the one foreign origin that the page may show images from is where image links lead', async () => {
  const submitted = await system.submit(textToImage('a boat'));
  const task = await system.ended(submitted.body.id);
  const { headers } = await system.call('GET', new URL(task.results[0]!).pathname);

  const policy = String(document.headers['content-security-policy']);
  const [, sources] = /img-src ([^;]+)/.exec(policy)!;
  expect(sources!.split(' ').filter((source) => source.includes('//'))).toEqual([
    new URL(headers.get('location')!).origin,
  ]);
});

describe('in the template', () => {
  const resources = Object.values(template.Resources);
  const page = resources.find(
    ({ Type, Properties }) =>
      Type === 'AWS::Lambda::Function' &&
      (Properties.Environment as { Variables: Record<string, unknown> }).Variables.WANHOOK_FUNCTION ===
        'page',
  )!;

  test('the bucket’s own address in its region is where image links lead', () => {
    expect(page.Properties.Environment).toMatchObject({
      Variables: {
        IMAGES_HOST: { 'Fn::GetAtt': [expect.stringMatching(/^StorageImages/), 'RegionalDomainName'] },
      },
    });
  });

  test('its role may write its log, and nothing else', () => {
    const [role] = (page.Properties.Role as { 'Fn::GetAtt': string[] })['Fn::GetAtt'];
    const policies = resources.filter(
      ({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' && JSON.stringify(Properties.Roles) === JSON.stringify([{ Ref: role }]),
    );
    const actions = policies.flatMap(({ Properties }) =>
      (Properties.PolicyDocument as { Statement: { Action: string[] }[] }).Statement.flatMap(
        ({ Action }) => Action,
      ),
    );

    expect(template.Resources[role!]!.Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(actions.toSorted()).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
  });
});
