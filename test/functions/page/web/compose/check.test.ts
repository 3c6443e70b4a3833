import { expect, test } from 'vitest';
import {
  firstProblem,
  MOST_FILE_BYTES,
  problemsOf,
} from '../../../../../functions/page/web/compose/check.ts';
import { type Form, fieldsOf } from '../../../../../functions/page/web/compose/form.ts';
import { aForm, aReference, limits } from './forms.ts';

const problems = (part: Partial<Form>) => {
  const form = aForm(part);
  return problemsOf(form, fieldsOf(form, limits));
};
const size = (width: string, height: string) => ({ size: { width, height } });

test('nothing is wrong with a prompt alone', () => {
  expect(problems({})).toEqual({});
});

test.each([
  ['', { kind: 'empty' }],
  [' \n', { kind: 'empty' }],
  ['x'.repeat(2001), { kind: 'too_long', max: 2000 }],
  ['😀'.repeat(2001), { kind: 'too_long', max: 2000 }],
])('prompt %#', (prompt, problem) => {
  expect(problems({ prompt }).prompt).toEqual(problem);
});

test('2000 emoji are 2000 characters', () => {
  expect(problems({ prompt: '😀'.repeat(2000) })).toEqual({});
});

test.each([
  [size('1280', '1280'), undefined],
  [size('768', '2700'), undefined],
  [size('', '1280'), 'size_form'],
  [size('12e2', '1280'), 'size_form'],
  [size('1280.5', '1280'), 'size_form'],
  [size('0', '1280'), 'size_pixels'],
  [size('100', '100'), 'size_pixels'],
  [size('5000', '5000'), 'size_pixels'],
  [size('2400', '400'), 'size_ratio'],
])('size %o: %s', (part, kind) => {
  expect(problems(part).size?.kind).toBe(kind);
});

test('a size is checked only where the model has one', () => {
  expect(problems({ mode: 'edit', references: [aReference()], ...size('1', '1') })).toEqual({});
});

test.each(['-1', '1.5', '1e3', '2147483648', 'x', '99999999999999999999'])('seed %s', (seed) => {
  expect(problems({ model: 'wan25_t2i_preview', seed }).seed).toEqual({
    kind: 'integer',
    min: 0,
    max: 2147483647,
  });
});

test('a seed that the model does not know is no problem: it is not sent', () => {
  expect(problems({ seed: 'x' })).toEqual({});
});

test.each([
  ['edit', 0, { kind: 'images', min: 1, max: 1 }],
  ['edit', 2, { kind: 'images', min: 1, max: 1 }],
  ['fuse', 1, { kind: 'images', min: 2, max: 2 }],
  ['fuse', 2, undefined],
  ['mixed', 0, undefined],
  ['mixed', 2, { kind: 'images', min: 0, max: 1 }],
  ['create', 3, undefined],
] as const)('%s with %i images', (mode, count, problem) => {
  const references = Array.from({ length: count }, () => aReference());
  expect(problems({ mode, references }).references).toEqual(problem);
});

test('a picture with a fault is not sent', () => {
  expect(problems({ mode: 'edit', references: [aReference({ fault: 'side' })] }).references).toEqual({
    kind: 'image',
  });
});

test('files that one request cannot carry are refused here; links weigh nothing', () => {
  const file = { size: MOST_FILE_BYTES / 2 + 1 } as Blob;
  const heavy = () => aReference({ source: { kind: 'file', file } });
  const made = () =>
    aReference({ source: { kind: 'result', url: 'https://example.com/a' }, bytes: MOST_FILE_BYTES });
  expect(problems({ mode: 'fuse', references: [heavy(), heavy()] }).references?.kind).toBe('too_large');
  expect(problems({ mode: 'fuse', references: [heavy(), made()] })).toEqual({});
});

test('the focus goes to the first problem of the form', () => {
  expect(firstProblem({})).toBeUndefined();
  expect(firstProblem({ seed: { kind: 'empty' }, prompt: { kind: 'empty' } })).toBe('prompt');
});
