import { expect, test } from 'vitest';
import { reductionsFor } from '../../../../../functions/page/web/references/fit.ts';
import { aReference } from '../compose/forms.ts';

const file = (id: string, size: number, part = {}) =>
  aReference({ id, source: { kind: 'file', file: { size } as Blob }, ...part });

test.each([
  ['what fits stays as it is', [file('a', 50), file('b', 50)], []],
  ['one that is too large alone', [file('a', 120)], [{ id: 'a', mostBytes: 100 }]],
  [
    'the large one gets what the small one leaves',
    [file('a', 90), file('b', 20)],
    [{ id: 'a', mostBytes: 80 }],
  ],
  [
    'two large ones share',
    [file('a', 90), file('b', 20), file('c', 60)],
    [
      { id: 'c', mostBytes: 40 },
      { id: 'a', mostBytes: 40 },
    ],
  ],
  [
    'one that is not sent as it is counts for nothing',
    [file('a', 120, { fault: 'side' }), file('b', 100)],
    [],
  ],
  [
    'a picture that was made here weighs nothing',
    [aReference({ source: { kind: 'result', url: 'x' }, bytes: 999 })],
    [],
  ],
])('%s', (_, references, reductions) => {
  expect(reductionsFor(references, 100)).toEqual(reductions);
});

test('after it they fit, whatever there was', () => {
  const files = [9, 1, 70, 33, 64].map((size, index) => file(String(index), size));
  const reduced = new Map(reductionsFor(files, 100).map(({ id, mostBytes }) => [id, mostBytes]));
  const total = files.reduce(
    (sum, { id, source }) => sum + (reduced.get(id) ?? (source.kind === 'file' ? source.file.size : 0)),
    0,
  );
  expect(total).toBeLessThanOrEqual(100);
  expect(total).toBeGreaterThan(95);
});
