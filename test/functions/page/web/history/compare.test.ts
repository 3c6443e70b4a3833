import { expect, test } from 'vitest';
import { differencesOf, shapesOfTask } from '../../../../../functions/page/web/history/compare.ts';
import { anImage, aTask } from '../tasks.ts';

const asked = (request: object) => ({ 'page.request': JSON.stringify({ mode: 'create', ...request }) });

test('what was made as asked shows no difference', () => {
  const metadata = asked({ size: '1280x1280', n: 1 });
  expect(differencesOf(aTask({ status: 'completed', images: [anImage()], metadata }))).toEqual([]);
});

test('another size and fewer images are set beside what was asked', () => {
  const metadata = asked({ size: '960x1696', n: 4 });
  expect(differencesOf(aTask({ status: 'completed', images: [anImage()], metadata }))).toEqual([
    { field: 'size', asked: '960×1696', made: '1280×1280' },
    { field: 'count', asked: '4', made: '1' },
  ]);
});

test('a lost image was made', () => {
  const task = aTask({
    status: 'completed',
    images: [anImage()],
    lost: [{ index: 1, reason: 'gone' }],
    metadata: asked({ n: 2 }),
  });
  expect(differencesOf(task)).toEqual([]);
});

test('nothing is claimed of what runs, failed, or came from another service', () => {
  const metadata = asked({ size: '960x1696', n: 4 });
  expect(differencesOf(aTask({ metadata }))).toEqual([]);
  expect(differencesOf(aTask({ status: 'failed', metadata }))).toEqual([]);
  expect(differencesOf(aTask({ status: 'completed', images: [anImage()] }))).toEqual([]);
});

test('the shapes to come are those that were asked for, then those that came', () => {
  const metadata = asked({ size: '960x1696', n: 2 });
  const shape = { width: 960, height: 1696 };
  expect(shapesOfTask(aTask({ metadata }))).toEqual([shape, shape]);
  expect(shapesOfTask(aTask({ metadata, images: [anImage(0, 800, 600)] }))).toEqual([
    { width: 800, height: 600 },
  ]);
  expect(shapesOfTask(aTask())).toEqual([{ width: 1, height: 1 }]);
});
