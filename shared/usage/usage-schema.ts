/** What GET /v1/usage answers, as a schema for the documents and the tests; no function loads it. */
import * as z from 'zod/mini';
import { described } from '../task/task-schema.ts';

const { saying, component } = described;

const count = () => z.int().check(z.minimum(0));
const amount = () => z.number().check(z.minimum(0));

const money = z.strictObject({
  currency: saying(z.string(), 'An ISO 4217 code, or `credits`: what a provider counts in instead.'),
  reserved: saying(amount(), 'What the requests may have cost at the most, by the prices of the deployment.'),
  charged: saying(amount(), 'What the tasks cost in the end.'),
  released: saying(amount(), 'Reserved, and not charged in the end.'),
});

const usage = component(
  z.strictObject({
    day: saying(z.iso.date(), 'On which the tasks were created, in UTC; whenever they ended.'),
    group: saying(
      z.nullable(z.string()),
      'The model, the id of the key, or the value of the metadata; null with `group_by=day`, and for tasks without the metadata.',
    ),
    requests: saying(count(), 'Tasks.'),
    completed: count(),
    failed: count(),
    refused: saying(count(), 'Of these the provider has certainly created nothing.'),
    images: z.strictObject({
      asked: count(),
      made: saying(count(), 'By the provider, those that were lost too.'),
      lost: saying(count(), 'Made, and nobody can have them.'),
      assumed: saying(count(), 'Charged for tasks of which nobody knows what was made of them.'),
      unpriced: saying(count(), 'Made or assumed, and nobody knows what they cost: `money` is without them.'),
    }),
    money: saying(z.array(money), 'By currency.'),
  }),
  'Usage',
  'What the tasks of a day, or of one group of that day, amount to.',
);

export const usageListSchema = component(
  z.strictObject({
    object: z.literal('list'),
    data: saying(z.array(usage), 'By day, the earliest first. A day without tasks is not there.'),
    next_cursor: saying(
      z.nullable(z.string()),
      'The `cursor` of the next page, with the same parameters; null on the last page.',
    ),
  }),
  'UsageList',
  'A page of usage.',
);
