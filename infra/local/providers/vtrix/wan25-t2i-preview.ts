/** wan25_t2i_preview at Vtrix. Source: its page, with the decision on the recommended sizes below the stated floor. */
import { isObject } from '../protocol.ts';
import { checkSize, parseSize, type Size } from '../sizes.ts';
import type { Order } from '../task.ts';
import { checkBoolean, checkFields, invalid, isIntegerFrom } from './checks.ts';

const parameterFields = ['size', 'n', 'seed', 'prompt_extend', 'watermark'];
const pixels = { min: 1280 * 1280, max: 1440 * 1440 };
// Recommended by the page itself, though the last four lie below its floor of 1,638,400 pixels.
const recommended = ['1280*1280', '1104*1472', '1472*1104', '960*1696', '1696*960'];

/** The order, or a Refusal 400. */
export function textToImageOrder(body: Record<string, unknown>): Order {
  const { input, parameters = {} } = body as { input?: unknown; parameters?: Record<string, unknown> };
  if (!isObject(input)) throw invalid('input is required');
  checkFields(input, ['prompt', 'negative_prompt'], 'input');
  checkFields(parameters, parameterFields, 'parameters');
  const { prompt, negative_prompt: negative } = input;
  if (typeof prompt !== 'string' || prompt === '') throw invalid('input.prompt is required');
  if (negative !== undefined && typeof negative !== 'string') {
    throw invalid('input.negative_prompt must be a string');
  }
  const { n = 4, seed } = parameters;
  if (!isIntegerFrom(n, 1, 4)) throw invalid('n must be an integer from 1 to 4');
  if (seed !== undefined && !isIntegerFrom(seed, 0, 2147483647)) {
    throw invalid('seed must be an integer from 0 to 2147483647');
  }
  for (const field of ['prompt_extend', 'watermark']) checkBoolean(parameters, field);
  return {
    model: 'wan25_t2i_preview',
    prompt,
    ...sizeOf(parameters.size),
    images: n,
    interleaved: false,
    inputs: [],
  };
}

function sizeOf(value: unknown = '1280*1280'): Size {
  const size = parseSize(value, '*');
  if (size === undefined) throw invalid('size must be WIDTH*HEIGHT, such as 1280*1280');
  const wrong = recommended.includes(String(value)) ? undefined : checkSize(size, pixels);
  if (wrong !== undefined) throw invalid(`size: ${wrong}`);
  return size;
}
