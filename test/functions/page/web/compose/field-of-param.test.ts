/** Every `param` that the API can name for a body of the page has its place in the form. */
import { expect, test } from 'vitest';
import { fieldOf, imageOf, saidAt } from '../../../../../functions/page/web/compose/field-of-param.ts';
import { documentedViolation } from '../../../../../shared/models/wan26_i2i-codes.ts';

const error = (param: string, code = 'invalid_parameters') => ({ code, message: `${param} is wrong`, param });

test.each([
  ['prompt', 'prompt'],
  ['input.prompt', 'prompt'],
  ['input.messages[0].content[0].text', 'prompt'],
  ['size', 'size'],
  ['parameters.size', 'size'],
  ['n', 'n'],
  ['parameters.n', 'n'],
  ['parameters.max_images', 'pictures'],
  ['parameters.seed', 'seed'],
  ['input.negative_prompt', 'negativePrompt'],
  ['parameters.negative_prompt', 'negativePrompt'],
  ['image_urls', 'references'],
  ['image_urls[1]', 'references'],
  ['input.messages[0].content[1].image', 'references'],
  ['metadata', 'general'],
  ['body', 'general'],
  ['constructor', 'general'],
])('%s: %s', (param, field) => {
  expect(fieldOf(error(param))).toBe(field);
});

const message = (content: unknown[]) => ({ input: { messages: [{ role: 'user', content }] } });

test.each([
  ['a text that is too long', [{ text: 'x'.repeat(2001) }, { image: 'https://a.example' }], 'prompt'],
  ['no image', [{ text: 'x' }], 'references'],
  ['five images', [{ text: 'x' }, ...new Array(5).fill({ image: 'https://a.example' })], 'references'],
])('the documented codes for the content as a whole: %s', (_, content, field) => {
  expect(fieldOf(documentedViolation(message(content))!)).toBe(field);
});

test('an error without a field is one of the whole form', () => {
  const plain = { code: 'insufficient_quota', message: 'no credit' };
  expect(saidAt(plain)).toEqual({ general: { kind: 'said', message: 'No credit' } });
});

test('a field’s name in the body is left out: its place says it', () => {
  const said = { code: '001021016', message: 'parameters.size must have …', param: 'parameters.size' };
  expect(saidAt(said)).toEqual({ size: { kind: 'said', message: 'Must have …' } });
});

test.each([
  ['image_urls[1]', 1],
  ['input.messages[0].content[1].image', 0],
  ['image_urls', undefined],
  ['prompt', undefined],
])('%s is image %s', (param, place) => {
  expect(imageOf(error(param))).toBe(place);
});
