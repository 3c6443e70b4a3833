/** The smallest good request of every model, and ways to bend one. */
import { readRequest } from '../../shared/models/read-request.ts';

export const picture = 'https://pictures.example.com/fox.png';

export const textToImage = (own: object = {}) => ({
  model: 'wan2.5-text-to-image',
  prompt: 'a red fox',
  ...own,
});

export const imageToImage = (own: object = {}) => ({
  model: 'wan2.5-image-to-image',
  prompt: 'make it blue',
  image_urls: [picture],
  ...own,
});

export const preview = (parameters: object = {}, input: object = {}) => ({
  model: 'wan25_t2i_preview',
  input: { prompt: 'a red fox', ...input },
  parameters,
});

/** wan26_i2i with a content and parameters. */
export const edit = (
  parameters: object = {},
  content: readonly unknown[] = [{ text: 'blue' }, { image: picture }],
) => ({
  model: 'wan26_i2i',
  input: { messages: [{ role: 'user', content }] },
  parameters,
});

/** The smallest good request of a model. */
export function smallest(model: string, prompt = 'a red fox'): object {
  const requests: Record<string, object> = {
    'wan2.5-text-to-image': textToImage({ prompt }),
    'wan2.5-image-to-image': imageToImage({ prompt }),
    wan25_t2i_preview: preview({}, { prompt }),
    wan26_i2i: edit({}, [{ text: prompt }, { image: picture }]),
  };
  const request = requests[model];
  if (!request) throw new Error(`There is no smallest request of ${model} in test/support/requests.ts yet`);
  return request;
}

/** The violation, or nothing when the request is accepted. */
export function violationOf(body: unknown) {
  const read = readRequest(body);
  return read.kind === 'violation' ? read.violation : undefined;
}

/** The request, which must be accepted. */
export function accepted(body: unknown) {
  const read = readRequest(body);
  if (read.kind === 'violation') throw new Error(`It was refused: ${JSON.stringify(read.violation)}`);
  return read.request;
}
