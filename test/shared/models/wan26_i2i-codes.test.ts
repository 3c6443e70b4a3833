/** The documented error codes of wan26_i2i: each reached, and the first that applies is the one (docs/models.md). */
import { describe, expect, test } from 'vitest';
import { documentedViolation } from '../../../shared/models/wan26_i2i-codes.ts';
import { edit, picture, violationOf } from '../../support/requests.ts';

const text = { text: 'blue' };
const images = (count: number) => Array.from({ length: count }, () => ({ image: picture }));
const message = { role: 'user', content: [text, ...images(1)] };
const withMessages = (messages: unknown) => ({ model: 'wan26_i2i', input: { messages } });
const withContent = (content: unknown) => withMessages([{ role: 'user', content }]);
const interleaved = (parameters: object = {}) => ({ enable_interleave: true, ...parameters });

const table: readonly (readonly [code: string, why: string, body: unknown])[] = [
  ['001021001', 'no input', { model: 'wan26_i2i' }],
  ['001021001', 'input of null', { model: 'wan26_i2i', input: null }],
  ['001021001', 'input that is a list', { model: 'wan26_i2i', input: [] }],
  ['001021002', 'no messages', { model: 'wan26_i2i', input: {} }],
  ['001021002', 'no message', withMessages([])],
  ['001021002', 'two messages', withMessages([message, message])],
  ['001021002', 'messages that are no list', withMessages(message)],
  ['001021003', 'another role', withMessages([{ ...message, role: 'system' }])],
  ['001021003', 'no role', withMessages([{ content: message.content }])],
  ['001021003', 'a message that is no object', withMessages(['hello'])],
  ['001021004', 'a content that is a text', withContent('blue')],
  ['001021004', 'no content', withMessages([{ role: 'user' }])],
  ['001021004', 'a content that is an object', withContent(text)],
  ['001021005', 'no text', withContent(images(1))],
  ['001021005', 'two texts', withContent([text, text, ...images(1)])],
  ['001021005', 'an empty content', withContent([])],
  ['001021006', 'an empty text', withContent([{ text: '' }, ...images(1)])],
  ['001021006', '2001 letters', withContent([{ text: 'a'.repeat(2001) }, ...images(1)])],
  ['001021006', '2001 Chinese characters', withContent([{ text: '狐'.repeat(2001) }, ...images(1)])],
  ['001021006', '2001 emoji', withContent([{ text: '🦊'.repeat(2001) }, ...images(1)])],
  ['001021006', 'a text that is a number', withContent([{ text: 7 }, ...images(1)])],
  ['001021007', 'interleaved with two images', edit(interleaved(), [text, ...images(2)])],
  ['001021008', 'no image', edit({}, [text])],
  ['001021008', 'five images', edit({}, [text, ...images(5)])],
  ['001021009', 'a negative prompt of 501', edit({ negative_prompt: 'a'.repeat(501) })],
  ['001021009', 'a negative prompt of 501 Chinese characters', edit({ negative_prompt: '狐'.repeat(501) })],
  ['001021010', 'interleaved with n of 2', edit(interleaved({ n: 2 }))],
  ['001021010', 'interleaved with n of 0', edit(interleaved({ n: 0 }))],
  ['001021011', 'n of 0', edit({ n: 0 })],
  ['001021011', 'n of 5', edit({ n: 5 })],
  ['001021011', 'n of 1.5', edit({ n: 1.5 })],
  ['001021011', 'n as a text', edit({ n: '2' })],
  ['001021011', 'n of null', edit({ n: null })],
  ['001021012', 'max_images without interleave', edit({ max_images: 3 })],
  ['001021013', 'max_images of 0', edit(interleaved({ max_images: 0 }))],
  ['001021013', 'max_images of 6', edit(interleaved({ max_images: 6 }))],
  ['001021013', 'max_images of 1.5', edit(interleaved({ max_images: 1.5 }))],
  ['001021013', 'max_images as a text', edit(interleaved({ max_images: '3' }))],
  ['001021014', 'a seed below 0', edit({ seed: -1 })],
  ['001021014', 'a seed one too large', edit({ seed: 2147483648 })],
  ['001021014', 'a broken seed', edit({ seed: 0.5 })],
  ['001021014', 'a seed as a text', edit({ seed: '7' })],
  ['001021015', 'the letter x', edit({ size: '1280x1280' })],
  ['001021015', 'one side', edit({ size: '1280' })],
  ['001021015', 'three sides', edit({ size: '1280*1280*1' })],
  ['001021015', 'no digits', edit({ size: 'wide*high' })],
  ['001021015', 'a number', edit({ size: 1280 })],
  ['001021015', 'an empty text', edit({ size: '' })],
  ['001021016', 'one row too few', edit({ size: '768*767' })],
  ['001021016', 'one row too many', edit({ size: '1280*1281' })],
  ['001021016', 'nothing', edit({ size: '0*0' })],
  ['001021017', 'just below 1:4', edit({ size: '384*1537' })],
  ['001021017', 'just above 4:1', edit({ size: '1537*384' })],
  ['001021018', 'a broken width', edit({ size: '1024.5*1024' })],
  ['001021018', 'a height with a point', edit({ size: '1024*1024.0' })],
];

test.each(table)('%s: %s', (code, _, body) => {
  const violation = violationOf(body);

  expect(violation?.code).toBe(code);
  expect(violation?.message.startsWith(`${violation.param} `)).toBe(true);
});

test('every documented code of a request is in the table above, as a text with its zeros', () => {
  const documented = Array.from({ length: 18 }, (_, index) => String(1_021_001 + index).padStart(9, '0'));
  expect([...new Set(table.map(([code]) => code))]).toEqual(documented);
});

describe('the first that applies in the table’s order', () => {
  /** Breaks as many rules as can be broken at once; each next body mends the first one. */
  const content = (count: number, ...texts: object[]) => [...texts, ...images(count)];
  const all = { negative_prompt: 'a'.repeat(501), n: 9, max_images: 9, seed: -1, size: 'x' };
  test.each([
    ['001021001', { parameters: all }],
    ['001021002', { input: { messages: [] }, parameters: all }],
    ['001021003', { input: { messages: [{ role: 'system', content: 7 }] }, parameters: all }],
    ['001021004', { input: { messages: [{ role: 'user', content: 7 }] }, parameters: all }],
    ['001021005', edit(all, content(5))],
    ['001021006', edit(all, content(5, { text: '' }))],
    ['001021007', edit({ ...all, enable_interleave: true }, content(5, text))],
    ['001021008', edit(all, content(5, text))],
    ['001021009', edit(all, content(1, text))],
    ['001021010', edit({ ...all, negative_prompt: '', enable_interleave: true })],
    ['001021011', edit({ ...all, negative_prompt: '' })],
    ['001021012', edit({ ...all, negative_prompt: '', n: 1 })],
    ['001021013', edit({ ...all, negative_prompt: '', n: 1, enable_interleave: true })],
    ['001021014', edit({ ...all, negative_prompt: '', n: 1, max_images: undefined })],
    ['001021015', edit({ size: 'x' })],
    ['001021016', edit({ size: '1.5*9999999' })],
    ['001021017', edit({ size: '200.5*4000' })],
    ['001021018', edit({ size: '1000.5*1000' })],
  ])('%s', (code, body) => {
    expect(documentedViolation(body)?.code).toBe(code);
  });
});

test('a documented code comes before what only the schema knows', () => {
  expect(violationOf({ ...edit({ n: 0 }), surprise: true })?.code).toBe('001021011');
});

test.each([null, undefined, 7, 'x', [], {}])('whatever shape the body has: %o', (body) => {
  expect(documentedViolation(body)?.code).toBe('001021001');
});
