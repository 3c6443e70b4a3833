/** One request for every documented model and way of using it. Later ones build on the pictures of the first. */
import type { EditRequest, ImageRequest } from '../../../client/index.ts';

export interface SmokeRequest {
  readonly title: string;
  readonly body: ImageRequest;
  /** How many images and texts have to come back. */
  readonly images: number;
  readonly texts: number;
}

/** Requests that need no picture. */
export const first: readonly SmokeRequest[] = [
  {
    title: 'text to image',
    body: {
      model: 'wan2.5-text-to-image',
      prompt: 'A lighthouse at dusk, waves, warm light 黄昏的灯塔',
      size: '1280x720',
      n: 2,
    },
    images: 2,
    texts: 0,
  },
  {
    title: 'text to image, portrait',
    body: {
      model: 'wan25_t2i_preview',
      input: { prompt: '一只在雪地里奔跑的红色狐狸,水墨画风格', negative_prompt: '模糊' },
      parameters: { size: '1104*1472', n: 2, seed: 7 },
    },
    images: 2,
    texts: 0,
  },
  {
    title: 'mixed text and images',
    body: {
      model: 'wan26_i2i',
      input: { messages: [{ role: 'user', content: [{ text: 'How to fold a paper crane, step by step' }] }] },
      parameters: { enable_interleave: true, max_images: 3, size: '1024*1024' },
    },
    images: 3,
    texts: 3,
  },
];

/** Requests that edit or fuse pictures, in the order given. */
export function second(pictures: readonly string[]): readonly SmokeRequest[] {
  const [one = '', two = ''] = pictures;
  const message = (text: string, images: readonly string[]): EditRequest['input'] => ({
    messages: [{ role: 'user', content: [...images.map((image) => ({ image })), { text }] }],
  });
  return [
    {
      title: 'edit one image',
      body: { model: 'wan2.5-image-to-image', prompt: 'Make it winter 换成冬天', image_urls: [one] },
      images: 1,
      texts: 0,
    },
    {
      title: 'fuse two images',
      body: { model: 'wan2.5-image-to-image', prompt: 'Both in one picture', image_urls: [one, two], n: 2 },
      images: 2,
      texts: 0,
    },
    {
      title: 'edit one image',
      body: {
        model: 'wan26_i2i',
        input: message('Paint it in oil 油画', [two]),
        parameters: { negative_prompt: 'text, watermark', size: '1280*1280' },
      },
      images: 1,
      texts: 0,
    },
    {
      title: 'fuse three images, order kept',
      body: { model: 'wan26_i2i', input: message('A triptych', [one, two, one]), parameters: { n: 2 } },
      images: 2,
      texts: 0,
    },
  ];
}
