/** wan2.5-image-to-image: every limit at its boundary and one past it (docs/models.md). */
import { describe, expect, test } from 'vitest';
import { accepted, imageToImage, picture, violationOf } from '../../support/requests.ts';

const other = 'http://pictures.example.com/2.jpg';

test('defaults are in the body, n explicitly among them', () => {
  expect(accepted(imageToImage()).body).toEqual({
    model: 'wan2.5-image-to-image',
    prompt: 'make it blue',
    image_urls: [picture],
    n: 1,
  });
});

test('images are named by their field, in the order that the caller gave', () => {
  expect(accepted(imageToImage({ image_urls: [other, picture] })).images).toEqual([
    { param: 'image_urls[0]', url: other },
    { param: 'image_urls[1]', url: picture },
  ]);
});

test('other addresses take the places of the images, in order, and nothing else changes', () => {
  const { model, body } = accepted(imageToImage({ image_urls: [picture, other], n: 3 }));

  const swapped = model.withImages(body, ['https://s3/0', 'https://s3/1']);

  expect(swapped).toEqual({ ...(body as object), image_urls: ['https://s3/0', 'https://s3/1'] });
  expect(body).toMatchObject({ image_urls: [picture, other] });
});

describe('accepted', () => {
  test.each([
    ['two images', { image_urls: [picture, other] }],
    ['a data URI', { image_urls: ['data:image/png;base64,AAAA'] }],
    ['2000 Chinese characters', { prompt: '狐'.repeat(2000) }],
    ['n of 4', { n: 4 }],
  ])('%s', (_, own) => {
    expect(accepted(imageToImage(own)).body).toMatchObject(own);
  });
});

describe('refused', () => {
  test.each([
    ['no images', { image_urls: undefined }, 'image_urls'],
    ['an empty list', { image_urls: [] }, 'image_urls'],
    ['three images', { image_urls: [picture, picture, picture] }, 'image_urls'],
    ['one text in place of a list', { image_urls: picture }, 'image_urls'],
    ['a second image that is no text', { image_urls: [picture, 7] }, 'image_urls[1]'],
    ['what is no URL', { image_urls: ['fox.png'] }, 'image_urls[0]'],
    ['a file', { image_urls: [picture, 'file:///etc/passwd'] }, 'image_urls[1]'],
    ['credentials', { image_urls: ['https://me:secret@pictures.example.com/fox.png'] }, 'image_urls[0]'],
    ['a user name only', { image_urls: ['https://me@pictures.example.com/fox.png'] }, 'image_urls[0]'],
    ['2001 characters', { prompt: '狐'.repeat(2001) }, 'prompt'],
    ['n of 0', { n: 0 }, 'n'],
    ['n of 5', { n: 5 }, 'n'],
    ['n of 1.5', { n: 1.5 }, 'n'],
    ['n as a text', { n: '2' }, 'n'],
    ['a size, which it does not take', { size: '1280x1280' }, 'size'],
  ])('%s', (_, own, param) => {
    expect(violationOf(imageToImage(own))).toMatchObject({ code: 'invalid_parameters', param });
  });

  test('without repeating the credentials', () => {
    const message = violationOf(imageToImage({ image_urls: ['https://me:secret@x.example.com/'] }))?.message;

    expect(message).toContain('user name or password');
    expect(message).not.toContain('secret');
  });
});
