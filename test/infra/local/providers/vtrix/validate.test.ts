/** Each refusal of Vtrix's two models; for wan26_i2i each documented code, at the limit and one past it. */
import { describe, expect, test } from 'vitest';
import { validate } from '../../../../../infra/local/providers/vtrix/validate.ts';

const image = { image: 'https://example.com/1.png' };
const dataUri = { image: 'data:image/png;base64,iVBORw0KGgo=' };
const fox = { text: '一只狐狸' };

const flat = (input: object = {}, parameters: object = {}) => ({
  model: 'wan25_t2i_preview',
  input: { prompt: 'a fox', ...input },
  parameters,
});
const edit = (content: unknown = [fox, image], parameters: object = {}, message: object = {}) => ({
  model: 'wan26_i2i',
  input: { messages: [{ role: 'user', content, ...message }] },
  parameters,
});
const mixed = (parameters: object = {}, images: object[] = []) =>
  edit([fox, ...images], { enable_interleave: true, ...parameters });
const images = (count: number) => Array.from({ length: count }, () => image);

describe('wan25_t2i_preview', () => {
  test.each([
    ['the least', flat()],
    ['no parameters', { model: 'wan25_t2i_preview', input: { prompt: 'a fox' } }],
    ['everything', flat({ negative_prompt: '' }, { n: 1, seed: 0, prompt_extend: true, watermark: false })],
    ['the largest seed', flat({}, { seed: 2147483647 })],
    ['the floor', flat({}, { size: '1280*1280' })],
    ['the ceiling', flat({}, { size: '1440*1440' })],
    ['768*2700, on the ceiling', flat({}, { size: '768*2700' })],
    ...['1104*1472', '1472*1104', '960*1696', '1696*960'].map((size): [string, object] => [
      `${size}, recommended below the floor`,
      flat({}, { size }),
    ]),
  ])('takes %s', (_, body) => {
    expect(validate(body)).toMatchObject({ model: 'wan25_t2i_preview', prompt: 'a fox' });
  });

  test.each([
    ['no input', { model: 'wan25_t2i_preview' }],
    ['no prompt', flat({ prompt: undefined })],
    ['an empty prompt', flat({ prompt: '' })],
    ['a callback field', { ...flat(), callback_url: 'https://example.com/' }],
    ['a callback among the parameters', flat({}, { callback_url: 'https://example.com/' })],
    ['a callback in the input', flat({ callback_url: 'https://example.com/' })],
    ['metadata', { ...flat(), metadata: {} }],
    ['the flat body of the other provider', { model: 'wan25_t2i_preview', prompt: 'a fox' }],
    ['an unknown model', { ...flat(), model: 'wan2.5-text-to-image' }],
    ['parameters as a list', { ...flat(), parameters: [] }],
    ['size with an x', flat({}, { size: '1280x1280' })],
    ['a size below the floor', flat({}, { size: '1279*1280' })],
    ['a size above the ceiling', flat({}, { size: '1441*1440' })],
    ['a ratio past 1:4', flat({}, { size: '650*2601' })],
    ['n of 0', flat({}, { n: 0 })],
    ['n of 5', flat({}, { n: 5 })],
    ['n as text', flat({}, { n: '1' })],
    ['a negative seed', flat({}, { seed: -1 })],
    ['a seed too large', flat({}, { seed: 2147483648 })],
    ['watermark as text', flat({}, { watermark: 'no' })],
    ['negative_prompt among the parameters', flat({}, { negative_prompt: 'x' })],
  ])('refuses %s', (_, body) => {
    expect(() => validate(body)).toThrow(
      expect.objectContaining({ status: 400, code: 'invalid_parameters' }),
    );
  });

  test('makes four pictures of 1280*1280 when nothing is said', () => {
    expect(validate(flat())).toMatchObject({ images: 4, width: 1280, height: 1280 });
  });
});

describe('wan26_i2i', () => {
  test.each([
    ['one image', edit()],
    ['four images', edit([fox, ...images(4)])],
    ['a data URI', edit([dataUri, fox])],
    ['2000 characters', edit([{ text: '狐'.repeat(2000) }, image])],
    ['mixed output without an image', mixed()],
    ['mixed output with one', mixed({ max_images: 5, n: 1 }, images(1))],
    ['500 characters of negative prompt', edit(undefined, { negative_prompt: '𠮷'.repeat(500) })],
    ['the smallest size', edit(undefined, { size: '768*768' })],
    ['the largest size', edit(undefined, { size: '1280*1280' })],
    ['4:1', edit(undefined, { size: '1600*400' })],
  ])('takes %s', (_, body) => {
    expect(validate(body)).toMatchObject({ model: 'wan26_i2i' });
  });

  test.each([
    ['001021001', { model: 'wan26_i2i' }],
    ['001021002', { model: 'wan26_i2i', input: {} }],
    ['001021002', { model: 'wan26_i2i', input: { messages: [] } }],
    ['001021002', { model: 'wan26_i2i', input: { messages: [{}, {}] } }],
    ['001021003', edit(undefined, {}, { role: 'system' })],
    ['001021004', edit('a fox')],
    ['001021005', edit([image])],
    ['001021005', edit([fox, fox, image])],
    ['001021006', edit([{ text: '' }, image])],
    ['001021006', edit([{ text: '狐'.repeat(2001) }, image])],
    ['001021007', mixed({}, images(2))],
    ['001021008', edit([fox])],
    ['001021008', edit([fox, ...images(5)])],
    ['001021009', edit(undefined, { negative_prompt: 'x'.repeat(501) })],
    ['001021010', mixed({ n: 2 })],
    ['001021011', edit(undefined, { n: 5 })],
    ['001021011', edit(undefined, { n: 1.5 })],
    ['001021011', edit(undefined, { n: '1' })],
    ['001021012', edit(undefined, { max_images: 3 })],
    ['001021013', mixed({ max_images: 6 })],
    ['001021013', mixed({ max_images: 0 })],
    ['001021014', edit(undefined, { seed: 2147483648 })],
    ['001021015', edit(undefined, { size: '1280x1280' })],
    ['001021016', edit(undefined, { size: '767*768' })],
    ['001021016', edit(undefined, { size: '1281*1280' })],
    ['001021017', edit(undefined, { size: '1604*400' })],
    ['001021018', edit(undefined, { size: '1000.5*1000' })],
  ])('answers %s', (code, body) => {
    expect(() => validate(body)).toThrow(expect.objectContaining({ status: 400, code }));
  });

  test('answers the first code in the order of the table', () => {
    const body = edit([fox], { negative_prompt: 'x'.repeat(501), n: 9, size: 'large' });

    expect(() => validate(body)).toThrow(expect.objectContaining({ code: '001021008' }));
  });

  test.each([
    ['an unknown key beside text', edit([{ ...fox, weight: 1 }, image])],
    ['an object with text and image', edit([{ ...fox, ...image }])],
    ['an unknown object', edit([fox, image, { video: 'x' }])],
    ['an image by FTP', edit([fox, { image: 'ftp://example.com/1.png' }])],
    ['broken base64', edit([fox, { image: 'data:image/png;base64,a b' }])],
    ['prompt_extend with mixed output', mixed({ prompt_extend: true })],
    ['enable_interleave as text', edit(undefined, { enable_interleave: 'true' })],
    ['a callback', { ...edit(), callback_url: 'https://example.com/' }],
    ['a callback among the parameters', edit(undefined, { callback_url: 'https://example.com/' })],
  ])('refuses %s, for which the table has no code', (_, body) => {
    expect(() => validate(body)).toThrow(
      expect.objectContaining({ status: 400, code: 'invalid_parameters' }),
    );
  });
});
