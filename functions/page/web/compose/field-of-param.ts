/** Where in the form an error of the API belongs. */
import type { ApiError } from '../api/client.ts';
import type { FieldName, Problems } from './check.ts';

const byName: Record<string, FieldName> = {
  prompt: 'prompt',
  text: 'prompt',
  negative_prompt: 'negativePrompt',
  size: 'size',
  n: 'n',
  max_images: 'pictures',
  seed: 'seed',
  image: 'references',
  image_urls: 'references',
};

/** Documented for the whole of `content`: only the code tells whether the text or the images are meant. */
const textCodes = new Set(['001021005', '001021006']);
const CONTENT = 'input.messages[0].content';

/** `parameters.size` → size; `image_urls[1]` → references; what no field is to blame for → general */
export function fieldOf({ param = '', code }: ApiError): FieldName {
  if (param === CONTENT) return textCodes.has(code) ? 'prompt' : 'references';
  const name =
    param
      .replace(/\[\d+\]$/, '')
      .split('.')
      .at(-1) ?? '';
  return (Object.hasOwn(byName, name) && byName[name]) || 'general';
}

/** The field is named by its place in the form; its name in the body says nothing to a person. */
export function messageOf({ message, param }: ApiError): string {
  const rest = param && message.startsWith(`${param} `) ? message.slice(param.length + 1) : message;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

export const saidAt = (error: ApiError): Problems => ({
  [fieldOf(error)]: { kind: 'said', message: messageOf(error) },
});

/** The place of the reference image that is meant, from 0; the text comes before the images in `content`. */
export function imageOf({ param = '' }: ApiError): number | undefined {
  const [, list, index] = /(image_urls|content)\[(\d+)\](?:\.image)?$/.exec(param) ?? [];
  if (index === undefined) return undefined;
  return list === 'content' ? Number(index) - 1 : Number(index);
}
