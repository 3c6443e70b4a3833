/**
 * An image that burnt the processor: an AVIF of nothing but sizes, labelled as a PNG.
 *
 *   request with 1.3 MB of base64 ─► image-size 2.1.0, quadratic on AVIF ─► 29 s, past the caller's time-out
 *
 * What this proves: submit refuses it by its first bytes, in work that is linear in them.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { avifOfSizes } from '../../support/hostile-pictures.ts';
import { dataUri } from '../../support/pictures.ts';

/** Ends a hang, which nothing within the same thread could. */
const LIMIT_MS = 60_000;

test('an AVIF of 3 MB of sizes, labelled PNG, is refused', { timeout: LIMIT_MS }, async () => {
  const images = [{ param: 'image_urls[0]', url: dataUri(avifOfSizes(3_000_000), 'image/png') }];
  const inspecting = new Worker(new URL('./inspect-inputs-worker.ts', import.meta.url), {
    workerData: images,
  });
  onTestFinished(async () => {
    await inspecting.terminate();
  });

  const [inspected] = await once(inspecting, 'message');

  expect(inspected).toMatchObject([{ kind: 'refused', violation: { param: 'image_urls[0]' } }]);
});
