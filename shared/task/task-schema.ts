/**
 * A task as callers see it, as a schema: it describes tasks in docs/openapi.json and docs/asyncapi.json, and tests hold
 * every answer and event against it. No function loads it; `public-task.ts` makes what it describes, of the same type.
 */
import * as z from 'zod/mini';
import { modelNames } from '../providers/definitions.ts';

/** Says what a field holds, for whoever reads the documents. */
const saying = <Schema extends z.core.$ZodType>(schema: Schema, description: string): Schema => {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), description });
  return schema;
};

const component = <Schema extends z.core.$ZodType>(
  schema: Schema,
  id: string,
  description: string,
): Schema => {
  z.globalRegistry.add(schema, { id, description });
  return schema;
};

/** What the documents say of a field, and under which name they keep a schema. */
export const described = { saying, component };

const count = () => z.int().check(z.minimum(0));
const seconds = () => z.int();

export const taskIdSchema = component(
  z.string().check(z.regex(/^task_[0-7][0-9A-HJKMNP-TV-Z]{25}$/)),
  'TaskId',
  'Names a task: `task_` and 26 characters of Crockford base32.',
);

const imageUrl = () =>
  saying(
    z.url(),
    'Redirects to the image. The link needs no key and expires; every read of the task makes a fresh one.',
  );

const image = component(
  z.strictObject({
    url: imageUrl(),
    width: count(),
    height: count(),
    bytes: count(),
    content_type: saying(z.string(), 'What the bytes are, whatever their host called them: `image/png`.'),
    sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    s3: saying(
      z.strictObject({ bucket: z.string(), key: z.string() }),
      'Where the image is kept, for who may read the bucket.',
    ),
    truncated: z.exactOptional(
      saying(z.literal(true), 'The file was cut short at its host; absent otherwise.'),
    ),
  }),
  'Image',
  'An image in your bucket, inspected to its end and checksummed.',
);

const lostImage = component(
  z.strictObject({
    index: saying(count(), 'Its place among the images that the provider named.'),
    reason: z.enum([
      'gone',
      'not_an_image',
      'cut_short',
      'unsupported_format',
      'unsupported_encoding',
      'forbidden_address',
      'too_large',
      'too_many_results',
      'unavailable',
      'not_kept_in_time',
    ]),
    format: z.exactOptional(saying(z.string(), 'With `unsupported_format`: the kind of image.')),
    encoding: z.exactOptional(saying(z.string(), 'With `unsupported_encoding`: the content encoding.')),
  }),
  'LostImage',
  'An image that the provider named and nobody can have any more.',
);

const content = component(
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('image'), url: imageUrl() }),
    z.strictObject({
      type: z.literal('text'),
      text: z.string(),
      truncated: z.exactOptional(saying(z.literal(true), 'The text was cut to fit into the record.')),
    }),
  ]),
  'Content',
  'A piece of the output, in the order in which the provider made it.',
);

const taskError = component(
  z.strictObject({
    code: saying(
      z.string(),
      [
        "The provider's own code, or one of Wanhook's:",
        '`request_cancelled` (the provider cancelled the task),',
        '`results_lost` (none of its images can be had),',
        '`generation_failed_no_content` (it completed without any result),',
        '`provider_busy` (it stayed busy, and nobody sent the request again),',
        '`provider_timeout` (nothing was heard within 24 hours),',
        '`outcome_unrecorded` (it ended, and how could not be recorded).',
      ].join(' '),
    ),
    message: z.string(),
    type: z.string(),
  }),
  'TaskError',
  'Why a task has failed.',
);

const charge = component(
  z.strictObject({
    images: saying(count(), 'That the provider made, also those that were lost.'),
    amount: saying(
      z.nullable(z.number().check(z.minimum(0))),
      'Of the currency, with at most six decimals; null when it is not known.',
    ),
    currency: saying(
      z.nullable(z.string()),
      'An ISO 4217 code, or `credits`: a provider’s own. Null when the amount is not known, or nothing of any currency.',
    ),
    source: saying(
      z.enum(['provider', 'prices', 'reserved', 'none']),
      [
        '`provider`: as the provider reported it; without an amount, how many images it made.',
        "`prices`: the operator's price of what was made.",
        '`reserved`: what the provider may have charged in advance; nobody knows what came of it.',
        '`none`: nothing was made.',
      ].join(' '),
    ),
  }),
  'Charge',
  'What a task cost.',
);

const callback = component(
  z.strictObject({
    url: z.string(),
    status: z.enum(['pending', 'delivered', 'failed']),
    attempts: saying(count(), 'How many were made.'),
    last_status: saying(z.nullable(z.int()), 'The status of the last answer; null when none came.'),
    last_error: z.nullable(z.string()),
    last_attempt: saying(z.nullable(seconds()), 'Seconds since 1970.'),
    next_attempt: saying(z.nullable(seconds()), 'Seconds since 1970; null when there will be none.'),
  }),
  'Callback',
  'How far the webhook to the `callback_url` of the request is.',
);

export const taskSchema = component(
  z.strictObject({
    id: taskIdSchema,
    object: z.literal('image.generation.task'),
    type: z.literal('image'),
    model: saying(z.string(), `One of ${modelNames.join(', ')}, or one that was taken formerly.`),
    created: saying(seconds(), 'Seconds since 1970.'),
    status: saying(
      z.enum(['pending', 'processing', 'completed', 'failed']),
      '`completed` means that the images are in your bucket.',
    ),
    progress: z.number().check(z.minimum(0), z.maximum(100)),
    task_info: z.strictObject({
      can_cancel: z.literal(false),
      estimated_time: z.exactOptional(
        saying(z.number(), 'Seconds, as the provider estimated at the create.'),
      ),
    }),
    not_created: z.exactOptional(
      saying(
        z.literal(true),
        'Set while the provider has refused it for the time being: nothing was created and nothing is charged. The same request with the same `Idempotency-Key` may still create it; if none comes, the task fails as `provider_busy`. Absent otherwise.',
      ),
    ),
    prompt: z.string(),
    results: saying(z.array(imageUrl()), 'The links of `images`, alone.'),
    output: z.array(z.strictObject({ content: z.array(content) })),
    images: z.array(image),
    lost: z.exactOptional(saying(z.array(lostImage), 'Absent when nothing was lost.')),
    usage: saying(
      z.nullable(z.record(z.string(), z.any())),
      'As the provider reported it, at the end or else at the create.',
    ),
    charge: z.exactOptional(
      saying(
        z.nullable(charge),
        'Null until the task has ended; absent for tasks of before there were charges.',
      ),
    ),
    error: z.nullable(taskError),
    metadata: saying(z.record(z.string(), z.string()), 'As the request had it.'),
    completed: saying(z.nullable(seconds()), 'When it ended, either way; seconds since 1970.'),
    callback: z.exactOptional(saying(callback, 'Absent when the request had no `callback_url`.')),
  }),
  'Task',
  'An image task: the same in answers, events and webhooks.',
);

export const taskListSchema = component(
  z.strictObject({
    object: z.literal('list'),
    data: saying(z.array(taskSchema), 'Newest first.'),
    next_cursor: saying(
      z.nullable(z.string()),
      'The `cursor` of the next page, with the same filters; null on the last page.',
    ),
  }),
  'TaskList',
  'A page of tasks. It may hold fewer than `limit`, also none, and still not be the last one.',
);
