/** What every model takes beside its own fields: which model, callback_url, metadata; and the hash of a request. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathOf, readRequest } from '../../../shared/models/read-request.ts';
import { findModel } from '../../../shared/models/registry.ts';
import { definitions, modelNames } from '../../../shared/providers/definitions.ts';
import { accepted, edit, imageToImage, preview, textToImage, violationOf } from '../../support/requests.ts';

const requests = [textToImage(), imageToImage(), preview(), edit()];

describe('the models', () => {
  test('are the documented four, at their providers', () => {
    expect(definitions.evolink.models).toEqual(['wan2.5-text-to-image', 'wan2.5-image-to-image']);
    expect(definitions.vtrix.models).toEqual(['wan25_t2i_preview', 'wan26_i2i']);
    expect(modelNames.map((name) => findModel(name)?.name)).toEqual(modelNames);
  });

  test.each([undefined, null, 'wan3', 7, ['wan26_i2i'], 'constructor', '__proto__'])(
    'refused: %o',
    (model) => {
      const violation = violationOf({ model, prompt: 'x' });

      expect(violation).toMatchObject({ code: 'invalid_parameters', param: 'model' });
      for (const name of modelNames) expect(violation?.message).toContain(name);
    },
  );

  test.each([null, undefined, 7, 'text', true, [], [textToImage()]])(
    'a body that is no object: %o',
    (body) => {
      expect(violationOf(body)).toMatchObject({ code: 'invalid_parameters', param: 'body' });
    },
  );
});

describe.each(requests)('callback_url of $model', (request) => {
  const atLength = (length: number) => 'https://hooks.example.com/'.padEnd(length, 'a');
  test.each([
    ['https', 'https://hooks.example.com/wan?x=1'],
    ['another port', 'https://hooks.example.com:8443/'],
    ['a public address', 'https://93.184.216.34/hook'],
    ['2048 characters', atLength(2048)],
  ])('accepted: %s', (_, callback_url) => {
    const { callbackUrl, body } = accepted({ ...request, callback_url });

    expect(callbackUrl).toBe(callback_url);
    expect(body).not.toHaveProperty('callback_url');
  });

  test.each([
    ['http', 'http://hooks.example.com/'],
    ['2049 characters', atLength(2049)],
    ['a private address', 'https://10.0.0.1/'],
    ['the metadata address', 'https://169.254.169.254/latest/meta-data'],
    ['loopback, written as a number', 'https://2130706433/'],
    ['localhost', 'https://localhost/'],
    ['credentials', 'https://me:secret@hooks.example.com/'],
    ['no URL', 'hooks.example.com'],
    ['another protocol', 'ftp://hooks.example.com/'],
    ['an empty text', ''],
    ['a number', 7],
    ['null', null],
  ])('refused: %s', (_, callback_url) => {
    const violation = violationOf({ ...request, callback_url });

    expect(violation).toMatchObject({ code: 'invalid_parameters', param: 'callback_url' });
    expect(violation?.message).toContain('https URL');
    expect(violation?.message).not.toContain('secret');
  });
});

describe.each(requests)('metadata of $model', (request) => {
  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, '狐']));

  test('is returned, and never part of what a provider is sent', () => {
    const { metadata, body } = accepted({ ...request, metadata: { order: '42' } });

    expect(metadata).toEqual({ order: '42' });
    expect(JSON.stringify(body)).not.toContain('order');
  });

  test.each([
    ['none', undefined, {}],
    ['16 pairs', pairs(16), pairs(16)],
    [
      'a key of 64 and a value of 512',
      { ['狐'.repeat(64)]: '狐'.repeat(512) },
      { ['狐'.repeat(64)]: '狐'.repeat(512) },
    ],
  ])('accepted: %s', (_, metadata, expected) => {
    expect(accepted({ ...request, metadata }).metadata).toEqual(expected);
  });

  test.each([
    ['17 pairs', pairs(17), 'metadata'],
    ['a key of 65', { ['k'.repeat(65)]: 'v' }, 'metadata'],
    ['a value of 513', { k: 'v'.repeat(513) }, 'metadata'],
    ['a number', { order: 42 }, 'metadata.order'],
    ['a nested object', { order: {} }, 'metadata.order'],
    ['a list', ['x'], 'metadata'],
    ['null', null, 'metadata'],
    ['a text', 'x', 'metadata'],
  ])('refused: %s', (_, metadata, param) => {
    expect(violationOf({ ...request, metadata })).toMatchObject({ code: 'invalid_parameters', param });
  });
});

describe('the hash of a request', () => {
  const base = {
    ...edit({ seed: 7, n: 2 }),
    metadata: { a: '1', b: '2' },
    callback_url: 'https://h.example.com/',
  };
  const hashOf = (body: unknown) => accepted(body).hash;

  test('is the same whatever the order of the fields, and when a default is spelt out', () => {
    const { callback_url, parameters, input, model } = base;
    const reordered = {
      metadata: { b: '2', a: '1' },
      parameters: { n: 2, seed: 7 },
      callback_url,
      input,
      model,
    };

    expect(hashOf(reordered)).toBe(hashOf(base));
    expect(hashOf({ ...base, parameters: { ...parameters, watermark: false } })).toBe(hashOf(base));
  });

  test.each([
    ['a parameter', { ...base, parameters: { seed: 8, n: 2 } }],
    ['the metadata', { ...base, metadata: { a: '1', b: '3' } }],
    ['no metadata', { ...base, metadata: undefined }],
    ['the callback_url', { ...base, callback_url: 'https://h.example.com/2' }],
    ['the order of the content', edit({ seed: 7, n: 2 }, [...edit().input.messages[0]!.content].reverse())],
  ])('is another one for another request: %s', (_, other) => {
    expect(hashOf(other)).not.toBe(hashOf(base));
  });
});

test('anything that JSON can hold is answered, never thrown at', () => {
  const model = fc.constantFrom(...modelNames);
  const body = fc
    .tuple(model, fc.dictionary(fc.string(), fc.jsonValue()))
    .map(([name, own]) => ({ ...own, model: name }));
  const shaped = fc.record({
    model,
    input: fc.oneof(fc.jsonValue(), fc.record({ messages: fc.jsonValue() })),
    parameters: fc.oneof(fc.jsonValue(), fc.record({ size: fc.jsonValue(), n: fc.jsonValue() })),
    prompt: fc.jsonValue(),
  });
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), body, shaped), (json) => {
      const read = readRequest(json);
      if (read.kind === 'violation') expect(read.violation.message).toContain(read.violation.param);
    }),
    { numRuns: 500 },
  );
});

test.each([
  [['image_urls', 1], 'image_urls[1]'],
  [['input', 'messages', 0, 'content', 2, 'image'], 'input.messages[0].content[2].image'],
  [[], ''],
])('a path is written as a caller would: %o', (path, written) => {
  expect(pathOf(path)).toBe(written);
});
