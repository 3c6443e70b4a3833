/**
 * The documented error codes of wan26_i2i, in the document's order: the first that applies is the answer.
 * They look at a body before its schema does; what no code covers (an unknown field, say) is left to the schema.
 * Source: docs/models.md, "Error codes of wan26_i2i".
 */
import { isJsonObject } from '../runtime/json.ts';
import { length, type SizeFault, type SizeRule, sizeFault } from './measures.ts';
import type { Violation } from './model.ts';

export const sizeRule: SizeRule = { separator: '*', minPixels: 768 * 768, maxPixels: 1280 * 1280 };

/** How many input images there may be, by `enable_interleave`. */
export const imageCounts = { editing: { min: 1, max: 4 }, interleaved: { min: 0, max: 1 } };

/** What the rules look at, picked out of a body of any shape. */
interface View {
  readonly input: unknown;
  readonly messages: unknown;
  readonly role: unknown;
  readonly content: readonly unknown[] | undefined;
  readonly texts: readonly unknown[];
  readonly images: number;
  readonly interleaved: boolean;
  readonly parameters: Record<string, unknown>;
}

interface Rule {
  readonly code: string;
  readonly param: string;
  readonly says: string;
  readonly broken: (view: View) => boolean;
}

const isInteger = (value: unknown, min: number, max: number) =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max;

const sizeIs = (fault: SizeFault) => (view: View) => {
  const { size } = view.parameters;
  if (size === undefined) return false;
  return (typeof size === 'string' ? sizeFault(size, sizeRule) : 'form') === fault;
};

const given = (name: string) => (view: View) => view.parameters[name] !== undefined;

const MESSAGES = 'input.messages';
const CONTENT = 'input.messages[0].content';

const rules: readonly Rule[] = [
  { code: '001021001', param: 'input', says: 'is required', broken: (v) => !isJsonObject(v.input) },
  {
    code: '001021002',
    param: MESSAGES,
    says: 'must contain exactly one message',
    broken: (v) => !Array.isArray(v.messages) || v.messages.length !== 1,
  },
  { code: '001021003', param: `${MESSAGES}[0].role`, says: 'must be user', broken: (v) => v.role !== 'user' },
  { code: '001021004', param: CONTENT, says: 'must be an array', broken: (v) => !v.content },
  {
    code: '001021005',
    param: CONTENT,
    says: 'must contain exactly one text object',
    broken: (v) => v.texts.length !== 1,
  },
  {
    code: '001021006',
    param: CONTENT,
    says: 'must contain a text of 1 to 2000 characters',
    broken: ({ texts: [text] }) => typeof text !== 'string' || length(text) < 1 || length(text) > 2000,
  },
  {
    code: '001021007',
    param: CONTENT,
    says: 'must contain at most 1 image when enable_interleave is true',
    broken: (v) => v.interleaved && v.images > imageCounts.interleaved.max,
  },
  {
    code: '001021008',
    param: CONTENT,
    says: 'must contain 1 to 4 images when enable_interleave is false',
    broken: ({ interleaved, images }) =>
      !interleaved && (images < imageCounts.editing.min || images > imageCounts.editing.max),
  },
  {
    code: '001021009',
    param: 'parameters.negative_prompt',
    says: 'must have at most 500 characters',
    broken: ({ parameters: { negative_prompt: text } }) => typeof text === 'string' && length(text) > 500,
  },
  {
    code: '001021010',
    param: 'parameters.n',
    says: 'must be 1 when enable_interleave is true',
    broken: (v) => v.interleaved && given('n')(v) && v.parameters.n !== 1,
  },
  {
    code: '001021011',
    param: 'parameters.n',
    says: 'must be an integer from 1 to 4',
    broken: (v) => given('n')(v) && !isInteger(v.parameters.n, 1, 4),
  },
  {
    code: '001021012',
    param: 'parameters.max_images',
    says: 'is allowed only when enable_interleave is true',
    broken: (v) => !v.interleaved && given('max_images')(v),
  },
  {
    code: '001021013',
    param: 'parameters.max_images',
    says: 'must be an integer from 1 to 5',
    broken: (v) => given('max_images')(v) && !isInteger(v.parameters.max_images, 1, 5),
  },
  {
    code: '001021014',
    param: 'parameters.seed',
    says: 'must be an integer from 0 to 2147483647',
    broken: (v) => given('seed')(v) && !isInteger(v.parameters.seed, 0, 2147483647),
  },
  {
    code: '001021015',
    param: 'parameters.size',
    says: 'must be of the form width*height, like 1280*1280',
    broken: sizeIs('form'),
  },
  {
    code: '001021016',
    param: 'parameters.size',
    says: 'must have 768*768 to 1280*1280 pixels in total',
    broken: sizeIs('pixels'),
  },
  {
    code: '001021017',
    param: 'parameters.size',
    says: 'must have a ratio between 1:4 and 4:1',
    broken: sizeIs('ratio'),
  },
  {
    code: '001021018',
    param: 'parameters.size',
    says: 'must have an integer width and height',
    broken: sizeIs('not_integer'),
  },
];

/** Each code with the rule whose breach it stands for. */
export const documentedCodes: readonly { readonly code: string; readonly rule: string }[] = rules.map(
  ({ code, param, says }) => ({ code, rule: `${param} ${says}` }),
);

/** @returns the first documented rule that the body breaks */
export function documentedViolation(body: unknown): Violation | undefined {
  const view = viewOf(body);
  const rule = rules.find(({ broken }) => broken(view));
  return rule && { code: rule.code, message: `${rule.param} ${rule.says}`, param: rule.param };
}

function viewOf(body: unknown): View {
  const { input, parameters: given } = fieldsOf(body);
  const { messages } = fieldsOf(input);
  const { role, content } = fieldsOf(Array.isArray(messages) ? messages[0] : undefined);
  const items = Array.isArray(content) ? content : [];
  const parameters = fieldsOf(given);
  return {
    input,
    messages,
    role,
    parameters,
    content: Array.isArray(content) ? content : undefined,
    texts: items.filter((item) => 'text' in fieldsOf(item)).map((item) => fieldsOf(item).text),
    images: items.filter((item) => 'image' in fieldsOf(item)).length,
    interleaved: parameters.enable_interleave === true,
  };
}

const fieldsOf = (value: unknown): Record<string, unknown> => (isJsonObject(value) ? value : {});
