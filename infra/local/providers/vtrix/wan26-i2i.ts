/**
 * wan26_i2i at Vtrix. Source: its page's table of error codes.
 * The rules stand in the table's order, and the first that is broken answers.
 */
import { isObject, lengthOf, Refusal } from '../protocol.ts';
import { hasFairRatio } from '../sizes.ts';
import type { Order } from '../task.ts';
import { checkBoolean, checkFields, invalid, isIntegerFrom } from './checks.ts';

const parameterFields = [
  'negative_prompt',
  'size',
  'n',
  'seed',
  'enable_interleave',
  'max_images',
  'prompt_extend',
  'watermark',
];
const pixels = { min: 768 * 768, max: 1280 * 1280 };
const sizeForm = /^(\d{1,6}(?:\.\d+)?)\*(\d{1,6}(?:\.\d+)?)$/;

/** The order, or a Refusal 400 with the documented code. */
export function editOrder(body: Record<string, unknown>): Order {
  const { input, parameters = {} } = body as { input?: unknown; parameters?: Record<string, unknown> };
  const content = contentOf(input);
  const text = textOf(content);
  const images = content.filter((item) => isObject(item) && 'image' in item);
  const interleaved = parameters.enable_interleave === true;
  checkCounts(images.length, parameters, interleaved);
  const size = sizeOf(parameters.size);
  checkRest(input as Record<string, unknown>, content, parameters, interleaved);
  return {
    model: 'wan26_i2i',
    prompt: text,
    ...size,
    images: interleaved ? Number(parameters.max_images ?? 5) : Number(parameters.n ?? 1),
    interleaved,
    inputs: images.map((item) => String((item as { image: unknown }).image)),
  };
}

function contentOf(input: unknown): unknown[] {
  if (!isObject(input)) throw coded('001021001', 'input is required');
  const { messages } = input;
  const message = Array.isArray(messages) && messages.length === 1 ? messages[0] : undefined;
  if (!isObject(message)) throw coded('001021002', 'input.messages must hold exactly one message');
  if (message.role !== 'user') throw coded('001021003', 'The role must be user');
  if (!Array.isArray(message.content)) throw coded('001021004', 'content must be an array');
  return message.content;
}

function textOf(content: unknown[]): string {
  const texts = content.filter((item) => isObject(item) && 'text' in item);
  if (texts.length !== 1) throw coded('001021005', 'content must hold exactly one text object');
  const { text } = texts[0] as { text: unknown };
  if (typeof text !== 'string' || text === '' || lengthOf(text) > 2000) {
    throw coded('001021006', 'text must be 1 to 2000 characters');
  }
  return text;
}

function checkCounts(images: number, parameters: Record<string, unknown>, interleaved: boolean): void {
  const { negative_prompt: negative, n, max_images: maxImages, seed } = parameters;
  const rules: [broken: boolean, code: string, message: string][] = [
    [interleaved && images > 1, '001021007', 'Interleaved output takes at most 1 image'],
    [!interleaved && (images < 1 || images > 4), '001021008', 'Editing needs 1 to 4 images'],
    [
      typeof negative === 'string' && lengthOf(negative) > 500,
      '001021009',
      'negative_prompt must not be longer than 500 characters',
    ],
    [interleaved && n !== undefined && n !== 1, '001021010', 'n must be 1 with interleaved output'],
    [n !== undefined && !isIntegerFrom(n, 1, 4), '001021011', 'n must be an integer from 1 to 4'],
    [!interleaved && maxImages !== undefined, '001021012', 'max_images needs enable_interleave'],
    [
      maxImages !== undefined && !isIntegerFrom(maxImages, 1, 5),
      '001021013',
      'max_images must be an integer from 1 to 5',
    ],
    [
      seed !== undefined && !isIntegerFrom(seed, 0, 2147483647),
      '001021014',
      'seed must be an integer from 0 to 2147483647',
    ],
  ];
  const broken = rules.find(([isBroken]) => isBroken);
  if (broken !== undefined) throw coded(broken[1], broken[2]);
}

function sizeOf(value: unknown = '1280*1280'): { width: number; height: number } {
  const match = typeof value === 'string' ? sizeForm.exec(value) : null;
  if (match === null) throw coded('001021015', 'size must be width*height');
  const size = { width: Number(match[1]), height: Number(match[2]) };
  const total = size.width * size.height;
  if (total < pixels.min || total > pixels.max) {
    throw coded('001021016', 'size must be 768*768 to 1280*1280 pixels in total');
  }
  if (!hasFairRatio(size)) throw coded('001021017', 'The aspect ratio must be between 1:4 and 4:1');
  if (!Number.isInteger(size.width) || !Number.isInteger(size.height)) {
    throw coded('001021018', 'Width and height must be integers');
  }
  return size;
}

/** What the table has no code for. */
function checkRest(
  input: Record<string, unknown>,
  content: unknown[],
  parameters: Record<string, unknown>,
  interleaved: boolean,
): void {
  checkFields(input, ['messages'], 'input');
  checkFields((input.messages as Record<string, unknown>[])[0] ?? {}, ['role', 'content'], 'the message');
  checkFields(parameters, parameterFields, 'parameters');
  for (const field of ['enable_interleave', 'prompt_extend', 'watermark']) checkBoolean(parameters, field);
  if (interleaved && parameters.prompt_extend !== undefined) {
    throw invalid('prompt_extend works without enable_interleave only');
  }
  const negative = parameters.negative_prompt;
  if (negative !== undefined && typeof negative !== 'string') {
    throw invalid('negative_prompt must be a string');
  }
  for (const item of content) checkContent(item);
}

function checkContent(item: unknown): void {
  const keys = isObject(item) ? Object.keys(item) : [];
  if (!isObject(item) || keys.length !== 1 || (keys[0] !== 'text' && keys[0] !== 'image')) {
    throw invalid('Each object in content must hold either text or image, and nothing else');
  }
  if (keys[0] === 'image' && !isImageSource(item.image)) {
    throw invalid('image must be an HTTP or HTTPS URL or data:{mime};base64,...');
  }
}

function isImageSource(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (value.startsWith('data:')) return /^data:image\/[a-z.+-]+;base64,[A-Za-z0-9+/]+={0,2}$/.test(value);
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

function coded(code: string, message: string): Refusal {
  return new Refusal(400, code, message);
}
