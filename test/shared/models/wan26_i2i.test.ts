/** wan26_i2i: its shape, its defaults in both modes, and its images (docs/models.md). */
import { describe, expect, test } from 'vitest';
import { accepted, edit, picture, violationOf } from '../../support/requests.ts';

const inline = 'data:image/png;base64,AAAA';
const second = 'http://pictures.example.com/2.jpg';

describe('defaults', () => {
  test('editing: n is explicit, and max_images is not sent', () => {
    expect(accepted(edit()).body).toEqual({
      model: 'wan26_i2i',
      input: { messages: [{ role: 'user', content: [{ text: 'blue' }, { image: picture }] }] },
      parameters: { n: 1, enable_interleave: false, prompt_extend: true, watermark: false },
    });
  });

  test('interleaved: max_images is 5, and prompt_extend is not sent', () => {
    expect(accepted(edit({ enable_interleave: true }, [{ text: 'a story' }])).body).toMatchObject({
      parameters: { n: 1, enable_interleave: true, max_images: 5, watermark: false },
    });
    expect(accepted(edit({ enable_interleave: true }, [{ text: 'a story' }])).body).not.toHaveProperty(
      'parameters.prompt_extend',
    );
  });

  test('parameters may be left out altogether', () => {
    const { parameters: _, ...bare } = edit();
    expect(accepted(bare).body).toMatchObject({ parameters: { n: 1 } });
  });
});

describe('images', () => {
  const content = [{ image: picture }, { text: '狐' }, { image: inline }, { image: second }];

  test('keep their order and know their place', () => {
    const { images, prompt } = accepted(edit({}, content));

    expect(prompt).toBe('狐');
    expect(images).toEqual([
      { param: 'input.messages[0].content[0].image', url: picture },
      { param: 'input.messages[0].content[2].image', url: inline },
      { param: 'input.messages[0].content[3].image', url: second },
    ]);
  });

  test('other addresses take their places, and the text keeps its own', () => {
    const { model, body } = accepted(edit({ seed: 3 }, content));

    const swapped = model.withImages(body, ['https://s3/0', 'https://s3/1', 'https://s3/2']);

    expect(swapped).toEqual({
      ...(body as object),
      input: {
        messages: [
          {
            role: 'user',
            content: [
              { image: 'https://s3/0' },
              { text: '狐' },
              { image: 'https://s3/1' },
              { image: 'https://s3/2' },
            ],
          },
        ],
      },
    });
  });
});

describe('refused, though no documented code covers it', () => {
  test.each([
    ['an unknown key beside text', edit({}, [{ text: 'x', cache: true }, { image: picture }])],
    ['an unknown key beside image', edit({}, [{ text: 'x' }, { image: picture, detail: 'high' }])],
    ['an image object that also holds the text', edit({}, [{ text: 'x', image: picture }])],
    ['an item of another kind', edit({}, [{ text: 'x' }, { image: picture }, { video: picture }])],
    ['an item that is no object', edit({}, [{ text: 'x' }, { image: picture }, 'y'])],
    ['an image with credentials', edit({}, [{ text: 'x' }, { image: 'https://a:b@x.example.com/' }])],
    ['an image that is no address', edit({}, [{ text: 'x' }, { image: 'fox.png' }])],
    ['an image that is no text', edit({}, [{ text: 'x' }, { image: null }])],
  ])('%s', (_, body) => {
    expect(violationOf(body)).toMatchObject({
      code: 'invalid_parameters',
      param: expect.stringMatching(/^input\.messages\[0\]\.content\[\d\]/),
    });
  });

  test.each([
    ['an unknown field of the body', { ...edit(), prompt: 'x' }, 'prompt'],
    ['an unknown parameter', edit({ style: 'oil' }), 'parameters.style'],
    ['parameters that are a list', { ...edit(), parameters: [] }, 'parameters'],
    ['a flag that is a text', edit({ enable_interleave: 'true' }), 'parameters.enable_interleave'],
    ['a watermark that is a number', edit({ watermark: 1 }), 'parameters.watermark'],
    ['a prompt_extend that is a text', edit({ prompt_extend: 'no' }), 'parameters.prompt_extend'],
    ['a negative prompt that is no text', edit({ negative_prompt: 7 }), 'parameters.negative_prompt'],
    ['an unknown field of input', { ...edit(), input: { ...edit().input, prompt: 'x' } }, 'input.prompt'],
  ])('%s', (_, body, param) => {
    expect(violationOf(body)).toMatchObject({ code: 'invalid_parameters', param });
  });

  test('with a message about the image, not about the form of the object', () => {
    const body = edit({}, [{ text: 'x' }, { image: 'https://a:b@x.example.com/' }]);
    expect(violationOf(body)?.message).toContain('must not hold a user name or password');
  });
});

/** Each documented limit is accepted at its boundary; the refused side is in wan26_i2i-codes.test.ts. */
describe('accepted', () => {
  const images = (count: number) => Array.from({ length: count }, () => ({ image: picture }));
  const interleaved = { enable_interleave: true };
  test.each([
    ['1 image', edit({}, [{ text: 'x' }, ...images(1)])],
    ['4 images', edit({}, [{ text: 'x' }, ...images(4)])],
    ['interleaved without an image', edit(interleaved, [{ text: 'x' }])],
    ['interleaved with 1 image', edit(interleaved, [{ text: 'x' }, ...images(1)])],
    ['a text of 2000 Chinese characters', edit({}, [{ text: '狐'.repeat(2000) }, ...images(1)])],
    ['a text of 2000 emoji', edit({}, [{ text: '🦊'.repeat(2000) }, ...images(1)])],
    ['a text of 1', edit({}, [{ text: 'x' }, ...images(1)])],
    ['a negative prompt of 500', edit({ negative_prompt: '狐'.repeat(500) })],
    ['an empty negative prompt', edit({ negative_prompt: '' })],
    ['n of 1', edit({ n: 1 })],
    ['n of 4', edit({ n: 4 })],
    ['interleaved, n of 1', edit({ ...interleaved, n: 1 })],
    ['max_images of 1', edit({ ...interleaved, max_images: 1 })],
    ['max_images of 5', edit({ ...interleaved, max_images: 5 })],
    ['the smallest seed', edit({ seed: 0 })],
    ['the largest seed', edit({ seed: 2147483647 })],
    ['the fewest pixels', edit({ size: '768*768' })],
    ['the most pixels', edit({ size: '1280*1280' })],
    ['exactly 1:4', edit({ size: '384*1536' })],
    ['exactly 4:1', edit({ size: '2560*640' })],
  ])('%s', (_, body) => {
    expect(accepted(body).body).toMatchObject(body);
  });
});
