/** What the webhooks' own routes answer, as schemas for the documents and the tests; no function loads them. */
import * as z from 'zod/mini';
import { described } from '../task/task-schema.ts';

const { saying, component } = described;

const attempt = {
  webhook_id: saying(z.string(), 'The header `webhook-id`.'),
  status: saying(z.nullable(z.int()), 'Of the answer; null when none came.'),
  error: saying(z.nullable(z.string()), 'Why the attempt failed; null when it did not.'),
  duration_ms: z.int().check(z.minimum(0)),
  answer: saying(z.nullable(z.string()), 'The first 1 kB of the answer.'),
};

const delivery = component(
  z.strictObject({
    object: z.literal('webhook.delivery'),
    ...attempt,
    attempt: saying(z.int(), 'Counted from 1.'),
    time: saying(z.int(), 'Seconds since 1970.'),
  }),
  'Delivery',
  "An attempt to deliver a task's webhook.",
);

export const deliveryListSchema = component(
  z.strictObject({
    object: z.literal('list'),
    data: saying(z.array(delivery), 'Newest first, at most 100.'),
  }),
  'DeliveryList',
  "The attempts to deliver a task's webhook.",
);

export const webhookTestSchema = component(
  z.strictObject({
    object: z.literal('webhook.test'),
    url: z.string(),
    delivered: saying(z.boolean(), 'Whether the answer was a success.'),
    ...attempt,
  }),
  'WebhookTest',
  'What came of a sample event.',
);
