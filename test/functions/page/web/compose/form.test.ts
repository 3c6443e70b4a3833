import { expect, test } from 'vitest';
import {
  countOf,
  fieldsOf,
  modelOf,
  withMoved,
  withoutReference,
  withReference,
} from '../../../../../functions/page/web/compose/form.ts';
import { modelsFor } from '../../../../../functions/page/web/compose/modes.ts';
import { aForm, aReference, limits } from './forms.ts';

test('each task has the models that can do it', () => {
  expect(modelsFor('create', limits)).toEqual(['wan2.5-text-to-image', 'wan25_t2i_preview']);
  expect(modelsFor('edit', limits)).toEqual(['wan2.5-image-to-image', 'wan26_i2i']);
  expect(modelsFor('fuse', limits)).toEqual(['wan2.5-image-to-image', 'wan26_i2i']);
  expect(modelsFor('mixed', limits)).toEqual(['wan26_i2i']);
});

test('a model that was chosen stays where it can do the task', () => {
  expect(modelOf(aForm({ mode: 'fuse', model: 'wan26_i2i' }), limits)).toBe('wan26_i2i');
  expect(modelOf(aForm({ mode: 'create', model: 'wan26_i2i' }), limits)).toBe('wan2.5-text-to-image');
});

test('the number of images is the model’s own default until it is chosen', () => {
  const count = (part: object) => countOf(aForm(part), fieldsOf(aForm(part), limits));
  expect(count({})).toBe(1);
  expect(count({ model: 'wan25_t2i_preview' })).toBe(4);
  expect(count({ model: 'wan25_t2i_preview', n: 2 })).toBe(2);
  expect(count({ mode: 'mixed' })).toBe(5);
  expect(count({ mode: 'mixed', n: 2, pictures: 3 })).toBe(3);
});

test('a picture changes the task to the one that takes it, and the model to one that holds so many', () => {
  let form = aForm();
  const seen = [];
  for (let i = 0; i < 5; i++) {
    form = withReference(form, aReference(), limits);
    seen.push([form.mode, modelOf(form, limits)]);
  }
  expect(seen).toEqual([
    ['edit', 'wan2.5-image-to-image'],
    ['fuse', 'wan2.5-image-to-image'],
    ['fuse', 'wan26_i2i'],
    ['fuse', 'wan26_i2i'],
    ['fuse', 'wan26_i2i'],
  ]);
});

test('mixed output keeps its one picture', () => {
  const one = withReference(aForm({ mode: 'mixed' }), aReference(), limits);
  expect(one.mode).toBe('mixed');
  expect(withReference(one, aReference(), limits).mode).toBe('fuse');
});

test('pictures move and go, the others keep their order', () => {
  const references = ['a', 'b', 'c'].map((id) => aReference({ id }));
  const form = aForm({ mode: 'fuse', references });
  const ids = (after: typeof form) => after.references.map(({ id }) => id).join('');
  expect(ids(withMoved(form, 0, 2))).toBe('bca');
  expect(ids(withMoved(form, 2, 0))).toBe('cab');
  expect(ids(withMoved(form, 0, -1))).toBe('abc');
  expect(ids(withMoved(form, 2, 3))).toBe('abc');
  expect(ids(withMoved(form, 7, 0))).toBe('abc');
  expect(ids(withoutReference(form, 'b'))).toBe('ac');
});
