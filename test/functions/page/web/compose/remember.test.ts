/** A task keeps what it was asked for, and the form can be filled in from it. */
import { expect, test } from 'vitest';
import { askedOf, bodyOf } from '../../../../../functions/page/web/compose/body.ts';
import { fieldsOf } from '../../../../../functions/page/web/compose/form.ts';
import {
  askedFrom,
  formOf,
  metadataOf,
  submissionOf,
} from '../../../../../functions/page/web/compose/remember.ts';
import { aForm, limits } from './forms.ts';

const full = aForm({
  model: 'wan25_t2i_preview',
  negativePrompt: '雾'.repeat(500),
  size: { width: '1104', height: '1472' },
  n: 2,
  seed: '42',
  promptExtend: false,
  watermark: true,
});

test('the form comes back from the task as it was sent', () => {
  const fields = fieldsOf(full, limits);
  const { metadata } = bodyOf(full, fields, [], 'key-1') as { metadata: Record<string, string> };
  const task = { prompt: full.prompt, model: fields.model, metadata };

  expect(formOf(task, ['create'])).toEqual({ ...full, pictures: undefined });
  expect(submissionOf(task)).toBe('key-1');
});

test('the metadata hold the API’s limits whatever is filled in', () => {
  const metadata = metadataOf(askedOf(full, fieldsOf(full, limits)), crypto.randomUUID());
  expect(Object.keys(metadata).length).toBeLessThanOrEqual(16);
  for (const [name, value] of Object.entries(metadata)) {
    expect([...name].length).toBeLessThanOrEqual(64);
    expect([...value].length).toBeLessThanOrEqual(512);
  }
});

test('of another service’s task only the prompt and the model are known', () => {
  const task = { prompt: 'theirs', model: 'wan26_i2i', metadata: { order: '42' } };
  expect(askedFrom(task.metadata)).toBeUndefined();
  expect(submissionOf(task)).toBeUndefined();
  expect(formOf(task, ['edit', 'fuse', 'mixed'])).toMatchObject({
    mode: 'edit',
    prompt: 'theirs',
    seed: '',
    n: undefined,
  });
});

test.each(['', '{', 'null', '[]', '{"mode":"dream"}', '{"n":1}'])(
  'metadata that are not the page’s: %s',
  (text) => {
    expect(askedFrom({ 'page.request': text })).toBeUndefined();
  },
);

test('values of a wrong kind are ignored', () => {
  const text = JSON.stringify({
    mode: 'create',
    size: '<b>',
    n: 'four',
    seed: -1,
    promptExtend: 'yes',
    watermark: 1,
  });
  expect(askedFrom({ 'page.request': text })).toEqual({ mode: 'create' });
});
