import { expect, test } from 'vitest';
import { hasText, ownLink, piecesOf } from '../../../../../functions/page/web/api/task.ts';
import { anImage, aTask } from '../tasks.ts';

test('texts and pictures come in their order, a lost picture leaves no hole', () => {
  const [first, second] = [anImage(0), anImage(2)];
  const content = [
    { type: 'text', text: 'one' },
    { type: 'image', url: first.url },
    { type: 'text', text: 'two', truncated: true },
    { type: 'image', url: 'https://api.example.com/v1/images/task_1/9/of-none' },
    { type: 'image', url: second.url },
  ] as const;
  const task = aTask({ output: [{ content }], images: [first, second] });

  expect(piecesOf(task)).toEqual([
    { kind: 'text', text: 'one', truncated: false },
    { kind: 'image', image: first, index: 0 },
    { kind: 'text', text: 'two', truncated: true },
    { kind: 'image', image: second, index: 1 },
  ]);
  expect(hasText(task)).toBe(true);
});

test('a task of pictures alone has no text', () => {
  const image = anImage();
  expect(
    hasText(aTask({ output: [{ content: [{ type: 'image', url: image.url }] }], images: [image] })),
  ).toBe(false);
});

test('a link is asked of the page’s own origin', () => {
  expect(ownLink('https://elsewhere.example.com/v1/images/task_1/0/s?x=1')).toBe('/v1/images/task_1/0/s?x=1');
});
