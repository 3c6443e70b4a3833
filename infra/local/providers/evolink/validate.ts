/** What EvoLink takes for its two Wan models, and nothing beside it: any other field is refused. */
import { checkCallbackUrl } from '../callback-url.ts';
import type { Settings } from '../options.ts';
import { isObject, lengthOf, Refusal } from '../protocol.ts';
import { checkSize, parseSize } from '../sizes.ts';
import type { Order } from '../task.ts';

const fieldsOf: Record<string, readonly string[]> = {
  'wan2.5-text-to-image': ['model', 'prompt', 'size', 'n', 'prompt_extend', 'callback_url'],
  'wan2.5-image-to-image': ['model', 'prompt', 'image_urls', 'n', 'callback_url'],
};
const pixels = { min: 768 * 768, max: 1440 * 1440 };

/** The order, or a Refusal 400 `invalid_request`. */
export function validate(body: unknown, settings: Settings): Order {
  if (!isObject(body)) throw invalid('The request body must be a JSON object.');
  const model = modelOf(body);
  for (const field of Object.keys(body)) {
    if (!fieldsOf[model]?.includes(field)) throw invalid(`Unknown parameter: ${field}`, field);
  }
  checkExtend(body.prompt_extend);
  const size = body.size === undefined ? { width: 1280, height: 1280 } : sizeOf(body.size);
  return {
    model,
    prompt: promptOf(body.prompt),
    ...size,
    images: candidatesOf(body.n),
    interleaved: false,
    inputs: model === 'wan2.5-image-to-image' ? inputsOf(body.image_urls) : [],
    ...callbackOf(body.callback_url, settings),
  };
}

function modelOf(body: Record<string, unknown>): string {
  const { model } = body;
  if (typeof model !== 'string' || model === '') throw invalid('model is required', 'model');
  if (!Object.hasOwn(fieldsOf, model)) throw invalid(`Unknown model: ${model}`, 'model');
  return model;
}

function promptOf(prompt: unknown): string {
  if (typeof prompt !== 'string' || prompt === '') throw invalid('prompt is required', 'prompt');
  if (lengthOf(prompt) > 2000) throw invalid('prompt must not be longer than 2000 characters', 'prompt');
  return prompt;
}

function sizeOf(value: unknown): { width: number; height: number } {
  const size = parseSize(value, 'x');
  if (size === undefined) throw invalid('size must be WIDTHxHEIGHT, such as 1280x1280', 'size');
  const wrong = checkSize(size, pixels);
  if (wrong !== undefined) throw invalid(`size: ${wrong}`, 'size');
  return size;
}

function candidatesOf(n: unknown): number {
  if (n === undefined) return 1;
  if (typeof n !== 'number' || !Number.isInteger(n) || n < 1 || n > 4) {
    throw invalid('n must be an integer from 1 to 4', 'n');
  }
  return n;
}

function checkExtend(value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw invalid('prompt_extend must be true or false', 'prompt_extend');
  }
}

function inputsOf(urls: unknown): string[] {
  if (!Array.isArray(urls) || urls.length < 1 || urls.length > 2) {
    throw invalid('image_urls must hold 1 or 2 image URLs', 'image_urls');
  }
  for (const url of urls) {
    if (typeof url !== 'string' || !isWebUrl(url)) {
      throw invalid('image_urls must hold HTTP or HTTPS URLs', 'image_urls');
    }
  }
  return urls as string[];
}

function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

function callbackOf(value: unknown, settings: Settings): { callbackUrl?: string } {
  if (value === undefined) return {};
  const wrong = checkCallbackUrl(value, settings.allowLoopbackCallbacks);
  if (wrong !== undefined) throw invalid(`callback_url ${wrong}`, 'callback_url');
  return { callbackUrl: value as string };
}

function invalid(message: string, param?: string): Refusal {
  return new Refusal(400, 'invalid_request', message, param);
}
