/** Input images before anyone pays: every documented limit at its boundary and one past it, inline and by URL. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectInputs } from '../../../functions/submit/input-images.ts';
import { heic, jxl, tiff } from '../../support/encoded-pictures.ts';
import {
  avif,
  bmp,
  colourTypes,
  dataUri,
  gif,
  jpeg,
  png,
  pngChunk,
  svg,
  webp,
} from '../../support/pictures.ts';
import { type Answer, nobody, type ScriptedServer, serve } from '../../support/server.ts';

const MEBIBYTES_10 = 10 * 1024 * 1024;
const rules = { fetch: true, allowHttp: true, allowedRanges: ['127.0.0.0/8'] };
const small = png();
const padded = (bytes: number) => png({ padding: bytes - small.length });
const palette = { colourType: colourTypes.palette };
const transparent = png({ ...palette, chunks: [pngChunk('tRNS', Buffer.from([0]))] });

/** What the image proved to be, under the name `image_urls[0]`. */
async function inspect(url: string, own: Partial<typeof rules> = {}) {
  const [inspected] = await inspectInputs([{ param: 'image_urls[0]', url }], { ...rules, ...own });
  return inspected!;
}
const violationOf = async (url: string, own: Partial<typeof rules> = {}) => {
  const inspected = await inspect(url, own);
  return inspected.kind === 'refused' ? inspected.violation : undefined;
};

/** The same table for both ways that an image can come. */
const good: readonly (readonly [string, Buffer])[] = [
  ['JPEG', jpeg()],
  ['PNG', small],
  ['grey PNG', png({ colourType: colourTypes.grey })],
  ['PNG with an opaque palette', png(palette)],
  ['WEBP', webp()],
  ['BMP', bmp()],
  ['384 × 384', png({ width: 384, height: 384 })],
  ['5000 wide', png({ width: 5000, height: 384, colourType: colourTypes.grey })],
  ['5000 high', png({ width: 384, height: 5000, colourType: colourTypes.grey })],
  ['exactly 10 MB', padded(MEBIBYTES_10)],
];
const bad: readonly (readonly [string, Buffer, string])[] = [
  ['383 wide', png({ width: 383 }), 'must be from 384 to 5000 pixels wide and high, not 383×400'],
  ['383 high', jpeg(400, 383), 'must be from 384 to 5000 pixels wide and high, not 400×383'],
  ['5001 wide', png({ width: 5001, height: 384, colourType: colourTypes.grey }), 'not 5001×384'],
  ['5001 high', png({ width: 384, height: 5001, colourType: colourTypes.grey }), 'not 384×5001'],
  ['10 MB and one byte', padded(MEBIBYTES_10 + 1), 'must be at most 10 MB'],
  ['PNG with alpha', png({ colourType: colourTypes.rgba }), 'BMP or WEBP image, not PNG with transparency'],
  [
    'grey PNG with alpha',
    png({ colourType: colourTypes.greyAlpha }),
    'BMP or WEBP image, not PNG with transparency',
  ],
  ['PNG with a transparent colour', transparent, 'BMP or WEBP image, not PNG with transparency'],
  ['GIF', gif, 'must be a JPEG, PNG without transparency, BMP or WEBP image, not GIF'],
  ['AVIF', avif(), 'BMP or WEBP image, not AVIF'],
  ['HEIC', heic, 'BMP or WEBP image, not HEIC'],
  ['TIFF', tiff, 'BMP or WEBP image, not TIFF'],
  ['JPEG XL', jxl, 'BMP or WEBP image, not JPEG XL'],
  ['SVG', svg, 'must be a JPEG, PNG without transparency, BMP or WEBP image, not SVG'],
  ['gzip', gzipSync(small), 'BMP or WEBP image, not gzip'],
  [
    'PNG signature before a text',
    Buffer.concat([small.subarray(0, 8), Buffer.from('this is text, called a picture')]),
    'not damaged PNG',
  ],
  ['PNG that ends before its size', small.subarray(0, 20), 'must be a complete image'],
  ['text', Buffer.from('this is text, called a picture'), 'must be a JPEG'],
  ['HTML', Buffer.from('<!doctype html><title>Sign in</title>'), 'must be a JPEG'],
];

describe('a data URI', () => {
  test('of more characters than the largest image has is not decoded', async () => {
    const url = `data:image/png;base64,${'!'.repeat(4 * Math.ceil(MEBIBYTES_10 / 3) + 4)}`;
    expect((await violationOf(url))?.message).toBe('image_urls[0] must be at most 10 MB');
  });

  test.each(good)('of a %s is passed on as bytes', async (_, bytes) => {
    const inspected = await inspect(dataUri(bytes));

    expect(inspected.kind === 'inline' && inspected.bytes.equals(bytes)).toBe(true);
    expect(inspected.kind === 'inline' && inspected.facts.width).toBeGreaterThanOrEqual(384);
  });

  test.each(bad)('of a %s is refused', async (_, bytes, reason) => {
    const violation = await violationOf(dataUri(bytes));

    expect(violation).toMatchObject({ code: 'invalid_parameters', param: 'image_urls[0]' });
    expect(violation?.message).toContain(reason);
  });

  const base64 = small.toString('base64');
  test.each([
    ['image/jpeg, whatever it is called', `data:image/jpg;base64,${base64}`],
    ['capitals', `DATA:IMAGE/PNG;BASE64,${base64}`],
    ['another documented type than its bytes, which decide', `data:image/jpeg;base64,${base64}`],
  ])('with %s is accepted', async (_, uri) => {
    expect(await inspect(uri)).toMatchObject({
      kind: 'inline',
      facts: { contentType: 'image/png', extension: 'png' },
    });
  });

  test.each([
    ['a GIF type', `data:image/gif;base64,${base64}`, 'must be data:{mime};base64'],
    ['a text type', `data:text/plain;base64,${base64}`, 'must be data:{mime};base64'],
    ['an SVG type', `data:image/svg+xml;base64,${base64}`, 'must be data:{mime};base64'],
    ['no type', `data:;base64,${base64}`, 'must be data:{mime};base64'],
    ['no base64', `data:image/png,${base64}`, 'must be data:{mime};base64'],
    ['nothing', 'data:', 'must be data:{mime};base64'],
    ['no content', 'data:image/png;base64,', 'must be valid base64'],
    [
      'a character of another alphabet',
      `data:image/png;base64,${base64.slice(0, 40)}_${base64.slice(41)}`,
      'must be valid base64',
    ],
    ['a lost character', `data:image/png;base64,${base64.slice(0, -1)}`, 'must be valid base64'],
    ['padding within', `data:image/png;base64,AAA=${base64}`, 'must be valid base64'],
    ['a line break', `data:image/png;base64,\n${base64}`, 'must be valid base64'],
    ['only padding', 'data:image/png;base64,====', 'must be valid base64'],
  ])('with %s is refused', async (_, uri, reason) => {
    const violation = await violationOf(uri);
    expect(violation?.message).toContain(`image_urls[0] ${reason}`);
  });

  test('is inspected also where URLs are not fetched', async () => {
    expect(await violationOf(dataUri(png({ width: 383 })), { fetch: false })).toBeDefined();
  });
});

describe('a URL', () => {
  const files = new Map<string, Answer>();
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await serve(({ path }) => files.get(path) ?? { status: 404 });
  });
  afterAll(() => server.close());
  const at = (name: string, answer: Answer) => {
    files.set(`/${name}`, answer);
    return `${server.url}/${name}`;
  };
  const withLength = (body: Buffer) => ({ body, headers: { 'content-length': body.length } });

  test.each(good)('of a %s is passed on as it is', async (name, bytes) => {
    const url = at(encodeURIComponent(name), withLength(bytes));
    expect(await inspect(url)).toEqual({ kind: 'remote', url });
  });

  test.each(bad)('of a %s is refused', async (name, bytes, reason) => {
    const violation = await violationOf(at(encodeURIComponent(name), withLength(bytes)));

    expect(violation).toMatchObject({ code: 'invalid_parameters', param: 'image_urls[0]' });
    expect(violation?.message).toContain(reason);
  });

  test('is judged by its head alone', async () => {
    const bytes = png({ width: 383 });
    const url = at('endless.png', (response) => {
      response.write(Buffer.concat([bytes, Buffer.alloc(300 * 1024)]));
    });
    expect((await violationOf(url))?.message).toContain('383×400');
  });

  test('of a JPEG whose size stands behind the head is left to the provider', async () => {
    const segment = Buffer.alloc(65_537);
    segment.set([0xff, 0xe1, 0xff, 0xff]);
    const thumbnails = Buffer.concat(Array(5).fill(segment));
    const photograph = Buffer.concat([jpeg().subarray(0, 2), thumbnails, jpeg(100, 100).subarray(2)]);
    const url = at('photograph.jpg', withLength(photograph));

    expect(await inspect(url)).toEqual({ kind: 'remote', url });
    expect(await violationOf(dataUri(photograph, 'image/jpeg'))).toMatchObject({ param: 'image_urls[0]' });
  });

  test.each([404, 403, 500])(
    'that answers %i is left to the provider, which may be allowed in',
    async (status) => {
      const url = at(`${status}`, { status });
      expect(await inspect(url)).toEqual({ kind: 'remote', url });
    },
  );

  test('where nobody listens is left to the provider', async () => {
    const url = `${await nobody()}/fox.png`;
    expect(await inspect(url)).toEqual({ kind: 'remote', url });
  });

  test.each([
    ['the metadata address', 'http://169.254.169.254/fox.png'],
    ['a private address', 'https://10.0.0.1/fox.png'],
    ['an internal name', 'https://wiki.internal/fox.png'],
  ])('to %s is refused, fetched or not', async (_, url) => {
    for (const fetch of [true, false]) {
      expect((await violationOf(url, { fetch }))?.message).toBe(
        'image_urls[0] must not point to an internal address',
      );
    }
  });

  test('that redirects to an internal address is refused', async () => {
    const url = at('moved.png', { status: 302, headers: { location: 'http://169.254.169.254/' } });
    expect((await violationOf(url))?.message).toBe('image_urls[0] must not point to an internal address');
  });

  test('of plain http is accepted, also where results may not come by it', async () => {
    const url = at('plain.png', withLength(small));
    expect(await inspect(url, { allowHttp: false })).toEqual({ kind: 'remote', url });
  });

  test('is not fetched when that is turned off', async () => {
    const url = at('unseen.png', withLength(png({ width: 10 })));
    const before = server.seen.length;

    expect(await inspect(url, { fetch: false })).toEqual({ kind: 'remote', url });
    expect(server.seen).toHaveLength(before);
  });
});

test('there is one answer for each image, in their order, and a refusal names its own', async () => {
  const inputs = [small, png({ width: 383 }), jpeg()].map((bytes, index) => ({
    param: `input.messages[0].content[${index}].image`,
    url: dataUri(bytes),
  }));

  const inspected = await inspectInputs(inputs, rules);

  expect(inspected[0]).toMatchObject({ kind: 'inline', facts: { contentType: 'image/png' } });
  expect(inspected[1]).toMatchObject({
    kind: 'refused',
    violation: { param: 'input.messages[0].content[1].image' },
  });
  expect(inspected[2]).toMatchObject({ kind: 'inline', facts: { contentType: 'image/jpeg' } });
});
