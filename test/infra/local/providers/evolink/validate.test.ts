/** Each refusal of EvoLink's two models, at the limit and one past it. */
import { describe, expect, test } from 'vitest';
import { validate } from '../../../../../infra/local/providers/evolink/validate.ts';
import { settingsFrom } from '../../../../../infra/local/providers/options.ts';

const strict = settingsFrom();
const local = settingsFrom({ allowLoopbackCallbacks: true });
const text = { model: 'wan2.5-text-to-image', prompt: 'a fox' };
const edit = { model: 'wan2.5-image-to-image', prompt: 'a fox', image_urls: ['https://example.com/1.png'] };
const withUrl = (length: number) => `https://example.com/${'a'.repeat(length - 20)}`;

const accepted: [name: string, body: unknown][] = [
  ['the least', text],
  ['2000 Chinese characters', { ...text, prompt: '狐'.repeat(2000) }],
  ['2000 characters outside the basic plane', { ...text, prompt: '𠮷'.repeat(2000) }],
  ['the smallest size', { ...text, size: '768x768' }],
  ['the largest size', { ...text, size: '1440x1440' }],
  ['1:4', { ...text, size: '400x1600' }],
  ['4:1', { ...text, size: '1600x400' }],
  ['n of 4', { ...text, n: 4 }],
  [
    'every field',
    { ...text, n: 1, size: '1280x1280', prompt_extend: false, callback_url: 'https://a.example/' },
  ],
  ['a callback URL of 2048 characters', { ...text, callback_url: withUrl(2048) }],
  ['one image', edit],
  ['two images', { ...edit, image_urls: ['https://example.com/1.png', 'http://example.com/2.png'] }],
];

const refused: [name: string, param: string | undefined, body: unknown][] = [
  ['no object', undefined, [text]],
  ['null', undefined, null],
  ['no model', 'model', { prompt: 'a fox' }],
  ['an unknown model', 'model', { ...text, model: 'wan9' }],
  ['a model named like a property of objects', 'model', { ...text, model: 'constructor' }],
  ['no prompt', 'prompt', { model: text.model }],
  ['an empty prompt', 'prompt', { ...text, prompt: '' }],
  ['2001 characters', 'prompt', { ...text, prompt: 'a'.repeat(2001) }],
  ['a prompt that is no text', 'prompt', { ...text, prompt: 1 }],
  ['metadata', 'metadata', { ...text, metadata: {} }],
  ['a negative prompt', 'negative_prompt', { ...text, negative_prompt: 'x' }],
  ['size with a star', 'size', { ...text, size: '1280*1280' }],
  ['size as a number', 'size', { ...text, size: 1280 }],
  ['size 0x0', 'size', { ...text, size: '0x0' }],
  ['too few pixels', 'size', { ...text, size: '767x768' }],
  ['too many pixels', 'size', { ...text, size: '1441x1440' }],
  ['narrower than 1:4', 'size', { ...text, size: '399x1600' }],
  ['wider than 4:1', 'size', { ...text, size: '1600x399' }],
  ['n of 0', 'n', { ...text, n: 0 }],
  ['n of 5', 'n', { ...text, n: 5 }],
  ['n of 1.5', 'n', { ...text, n: 1.5 }],
  ['n as text', 'n', { ...text, n: '2' }],
  ['prompt_extend as text', 'prompt_extend', { ...text, prompt_extend: 'yes' }],
  ['images for text-to-image', 'image_urls', { ...text, image_urls: edit.image_urls }],
  ['no images for image-to-image', 'image_urls', { model: edit.model, prompt: edit.prompt }],
  ['an empty list of images', 'image_urls', { ...edit, image_urls: [] }],
  ['three images', 'image_urls', { ...edit, image_urls: Array(3).fill('https://example.com/1.png') }],
  ['an image as a data URI', 'image_urls', { ...edit, image_urls: ['data:image/png;base64,AAAA'] }],
  ['an image URL with credentials', 'image_urls', { ...edit, image_urls: ['https://u:p@example.com/'] }],
  ['size for image-to-image', 'size', { ...edit, size: '1280x1280' }],
  ['a callback over HTTP', 'callback_url', { ...text, callback_url: 'http://example.com/' }],
  ['a callback URL of 2049 characters', 'callback_url', { ...text, callback_url: withUrl(2049) }],
  ['a callback that is no URL', 'callback_url', { ...text, callback_url: 'here' }],
  ['a callback with credentials', 'callback_url', { ...text, callback_url: 'https://u:p@example.com/' }],
  ...[
    '127.0.0.1',
    'localhost',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '0x7f000001',
    '[::1]',
    '[::ffff:a9fe:a9fe]',
    '[fd00::1]',
    'api.internal',
    'intranet',
  ].map((host): [string, string, unknown] => [
    `a callback to ${host}`,
    'callback_url',
    { ...text, callback_url: `https://${host}/` },
  ]),
];

describe('EvoLink accepts', () => {
  test.each(accepted)('%s', (_, body) => {
    expect(validate(body, strict)).toMatchObject({ model: (body as { model: string }).model });
  });

  test('a callback to this machine, where that is allowed', () => {
    const order = validate({ ...text, callback_url: 'http://127.0.0.1:8787/cb' }, local);

    expect(order.callbackUrl).toBe('http://127.0.0.1:8787/cb');
  });
});

describe('EvoLink refuses', () => {
  test.each(refused)('%s', (_, param, body) => {
    expect(() => validate(body, strict)).toThrow(
      expect.objectContaining({ status: 400, code: 'invalid_request', param }),
    );
  });

  test('plain HTTP to other machines, even where this machine is allowed', () => {
    const body = { ...text, callback_url: 'http://10.0.0.1/' };

    expect(() => validate(body, local)).toThrow('HTTPS');
  });
});

test('the documented defaults: one image of 1280x1280', () => {
  expect(validate(text, strict)).toMatchObject({ images: 1, width: 1280, height: 1280 });
});
