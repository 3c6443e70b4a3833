/**
 * The client's types are written by hand, so that the package needs neither zod nor anything of ours. Here they are held
 * to what the API validates and shows: the compiler fails (`npm run check`) where one of them says something else.
 */
import { expect, expectTypeOf, test } from 'vitest';
import type * as z from 'zod/mini';
import type * as client from '../../client/index.ts';
import { detailTypes, EVENT_SOURCE, models } from '../../client/index.ts';
import type { listParameters } from '../../functions/tasks/list-parameters.ts';
import type { TestedWebhook } from '../../functions/webhooks/test-webhook.ts';
import * as names from '../../shared/events/names.ts';
import type { TaskEventDetail } from '../../shared/events/task-event.ts';
import type { CommonFields } from '../../shared/models/read-request.ts';
import type * as imageToImage from '../../shared/models/wan2.5-image-to-image.ts';
import type * as textToImage from '../../shared/models/wan2.5-text-to-image.ts';
import type * as textToImagePreview from '../../shared/models/wan25_t2i_preview.ts';
import type * as edit from '../../shared/models/wan26_i2i.ts';
import { type ModelName, modelNames } from '../../shared/providers/definitions.ts';
import type { Json } from '../../shared/runtime/json.ts';
import type { PublicTask } from '../../shared/task/public-task.ts';
import type { PublicDelivery } from '../../shared/webhooks/deliveries.ts';

/** The client takes arrays that it must not change too; apart from that a request is what its schema takes. */
type Writable<T> = T extends readonly (infer Item)[]
  ? Writable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Writable<T[Key]> }
    : T;

/** Invariant in T: true only for the very same type, optional and readonly included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles for `true` only. */
function holds<_Claim extends true>(): void {}

test('a request to each model is what its schema takes, and nothing else', () => {
  holds<Same<Writable<client.TextToImageFields>, Writable<textToImage.RequestBody>>>();
  holds<Same<Writable<client.ImageToImageFields>, Writable<imageToImage.RequestBody>>>();
  holds<Same<Writable<client.TextToImagePreviewFields>, Writable<textToImagePreview.RequestBody>>>();
  holds<Same<Writable<client.EditFields>, Writable<edit.RequestBody>>>();
  holds<Same<Writable<client.CommonFields>, Writable<CommonFields>>>();
});

test('the models are those of the API', () => {
  holds<Same<client.ModelName, ModelName>>();
  holds<Same<client.ImageRequest['model'], ModelName>>();
  expect([...models].sort()).toEqual([...modelNames].sort());
});

test('a list is asked for what the API takes, with dates and numbers instead of their texts', () => {
  type Given = z.input<typeof listParameters>;

  holds<Same<keyof client.ListQuery, keyof Given>>();
  holds<Same<client.ListQuery['status'], Given['status']>>();
  holds<Same<client.ListQuery['model'], Given['model']>>();
  holds<Same<client.ListQuery['cursor'], Given['cursor']>>();
  holds<Same<Writable<client.ListQuery['metadata']>, Given['metadata']>>();
});

test('a task, an event and what is shown of webhooks are what the API shows', () => {
  holds<Same<client.Task, PublicTask>>();
  holds<Same<client.TaskEventDetail, TaskEventDetail>>();
  holds<Same<client.Delivery, PublicDelivery>>();
  holds<Same<client.WebhookTest, TestedWebhook>>();
  holds<Same<client.Json, Json>>();
  expect(EVENT_SOURCE).toBe(names.EVENT_SOURCE);
  expect(detailTypes).toEqual({
    created: names.TASK_CREATED,
    completed: names.TASK_COMPLETED,
    failed: names.TASK_FAILED,
  });
});

test('a field of one model in a request to another does not compile', () => {
  const submit = (_request: client.ImageRequest): void => {};

  submit({ model: 'wan2.5-text-to-image', prompt: 'a boat', n: 2, metadata: { order: '42' } });
  submit({ model: 'wan25_t2i_preview', input: { prompt: 'a boat' }, parameters: { seed: 7 } });
  // @ts-expect-error `input` is of the models at Vtrix
  submit({ model: 'wan2.5-text-to-image', prompt: 'a boat', input: { messages: [] } });
  // @ts-expect-error `parameters` too
  submit({ model: 'wan2.5-image-to-image', prompt: 'a boat', image_urls: [], parameters: { n: 1 } });
  // @ts-expect-error `enable_interleave` is of wan26_i2i
  submit({ model: 'wan25_t2i_preview', input: { prompt: 'a' }, parameters: { enable_interleave: true } });
  // @ts-expect-error `prompt` is not of wan26_i2i
  submit({ model: 'wan26_i2i', prompt: 'a boat', input: { messages: [] } });
  // @ts-expect-error no such model
  submit({ model: 'wan3', prompt: 'a boat' });
  // @ts-expect-error the prompt is missing
  submit({ model: 'wan2.5-text-to-image' });
  // @ts-expect-error an integer is no string
  submit({ model: 'wan2.5-text-to-image', prompt: 'a boat', n: '2' });
});

test('an outcome tells which status the task of an event has', () => {
  type Completed = Extract<client.TaskEvent, { outcome: 'completed' }>;

  expectTypeOf<Completed['task']['status']>().toEqualTypeOf<'completed'>();
  expectTypeOf<client.TaskEvent['outcome']>().toEqualTypeOf<client.Outcome>();
});

test('the comparison sees a difference', () => {
  // @ts-expect-error an optional field is not one that may be undefined
  holds<Same<{ a?: string }, { a?: string | undefined }>>();
  // @ts-expect-error a wider type
  holds<Same<{ a: string }, { a: string | number }>>();
  // @ts-expect-error one field more
  holds<Same<{ a: string }, { a: string; b?: string }>>();
  // @ts-expect-error a required field
  holds<Same<{ a?: string }, { a: string }>>();
  holds<Same<{ a?: string }, { a?: string }>>();
});
