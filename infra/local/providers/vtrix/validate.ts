/** What Vtrix takes: the documented envelope, then the model's own rules. Callback fields are refused, as all unknown ones. */
import { isObject } from '../protocol.ts';
import type { Order } from '../task.ts';
import { checkFields, invalid } from './checks.ts';
import { textToImageOrder } from './wan25-t2i-preview.ts';
import { editOrder } from './wan26-i2i.ts';

const envelope = ['model', 'input', 'parameters'];
const models: Record<string, (body: Record<string, unknown>) => Order> = {
  wan25_t2i_preview: textToImageOrder,
  wan26_i2i: editOrder,
};

/** The order, or a Refusal 400. */
export function validate(body: unknown): Order {
  if (!isObject(body)) throw invalid('The request body must be a JSON object.');
  checkFields(body, envelope, 'the request');
  const { model } = body;
  if (typeof model !== 'string') throw invalid('model is required');
  const order = Object.hasOwn(models, model) ? models[model] : undefined;
  if (order === undefined) throw invalid(`Unknown model: ${model}`);
  if (body.parameters !== undefined && !isObject(body.parameters)) {
    throw invalid('parameters must be an object');
  }
  return order(body);
}
