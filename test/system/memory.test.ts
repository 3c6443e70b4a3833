/** Four images of the largest size go through `callback` within its memory. */
import { expect, test } from 'vitest';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();
/** The setting `maxImageMebibytes`, unless it is set. */
const BYTES = 32 * 1024 * 1024;

test('every byte arrives, and the function is not killed for its memory', async () => {
  await system.evolink.addFault({ kind: 'picture-bytes', bytes: BYTES }, { prompt: 'large' });

  const { body } = await system.submit(textToImage('large', { n: 4 }));
  const task = await system.ended(body.id);

  expect(task.images.map(({ bytes }) => bytes)).toEqual([BYTES, BYTES, BYTES, BYTES]);
  const { peakBytes, memoryMb, errors } = system.cloud.function('Callback');
  expect(peakBytes / 2 ** 20).toBeLessThan(memoryMb);
  expect(errors).toBe(0);
});
