/** Whatever the form lets through, the API takes: every body goes through the very check that decides there. */
import { describe, expect, test } from 'vitest';
import { bodyOf } from '../../../../../functions/page/web/compose/body.ts';
import { problemsOf } from '../../../../../functions/page/web/compose/check.ts';
import { type Form, fieldsOf } from '../../../../../functions/page/web/compose/form.ts';
import { modelsFor, modes } from '../../../../../functions/page/web/compose/modes.ts';
import { shapesOf } from '../../../../../functions/page/web/compose/size.ts';
import { readRequest } from '../../../../../shared/models/read-request.ts';
import { aForm, aReference, limits } from './forms.ts';

const link = 'https://example.com/a.png';

function sent(form: Form) {
  const fields = fieldsOf(form, limits);
  const images = form.references.map(() => link);
  return JSON.parse(JSON.stringify(bodyOf(form, fields, images, 'submission-1')));
}

const everyModel = modes.flatMap((mode) => modelsFor(mode, limits).map((model) => ({ mode, model })));
const referencesFor = (mode: string) =>
  Array.from({ length: { edit: 1, fuse: 2 }[mode] ?? 0 }, () => aReference());

describe.each(everyModel)('$mode with $model', ({ mode, model }) => {
  const form = aForm({ mode, model, references: referencesFor(mode) });

  test('as it is', () => {
    expect(problemsOf(form, fieldsOf(form, limits))).toEqual({});
    expect(readRequest(sent(form))).toMatchObject({ kind: 'request', request: { prompt: 'a red boat' } });
  });

  test('with everything filled in to its limit', () => {
    const full: Form = {
      ...form,
      prompt: `${'船'.repeat(1999)}😀`,
      negativePrompt: '雾'.repeat(500),
      n: 4,
      pictures: 5,
      seed: '2147483647',
      promptExtend: false,
      watermark: true,
    };
    expect(problemsOf(full, fieldsOf(full, limits))).toEqual({});
    expect(readRequest(sent(full)).kind).toBe('request');
  });

  test('with every shape that is offered', () => {
    const { size } = limits[model];
    const shapes = size ? shapesOf(size) : [];
    expect(shapes.length).toBe(size ? 5 : 0);
    for (const shape of shapes) {
      expect(readRequest(sent({ ...form, size: shape })).kind).toBe('request');
    }
  });
});

test('the flat one', () => {
  const { metadata, ...body } = sent(
    aForm({ size: { width: '960', height: '1696' }, n: 2, promptExtend: false, seed: '7' }),
  );
  expect(body).toEqual({
    model: 'wan2.5-text-to-image',
    prompt: 'a red boat',
    size: '960x1696',
    n: 2,
    prompt_extend: false,
  });
  expect(metadata).toMatchObject({ 'page.submission': 'submission-1' });
});

test('mixed output asks for it, and names no number of images', () => {
  expect(sent(aForm({ mode: 'mixed', references: [aReference()] }))).toMatchObject({
    model: 'wan26_i2i',
    input: { messages: [{ role: 'user', content: [{ text: 'a red boat' }, { image: link }] }] },
    parameters: { enable_interleave: true, max_images: 5 },
  });
  expect(sent(aForm({ mode: 'mixed' })).parameters).not.toHaveProperty('n');
});

test('references of another mode are kept in the form and not sent', () => {
  const form = aForm({ mode: 'create', references: [aReference()] });
  const fields = fieldsOf(form, limits);
  expect(bodyOf(form, fields, [], 's')).not.toHaveProperty('image_urls');
  expect(JSON.stringify(bodyOf(form, fields, [], 's'))).not.toContain('"images"');
});

test('what is around the prompt is not sent', () => {
  expect(sent(aForm({ prompt: '  a red boat \n' })).prompt).toBe('a red boat');
});
