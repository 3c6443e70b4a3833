/**
 * A fault of ours that outlives the links: never recorded as the provider's, loud from its first minute, and mended by
 * the same message.
 *
 *   completed ─► bucket refuses ─► bucket refuses ─► … ─► mended, links alive ─► completed
 *                                                    └─► mended, links dead  ─► still no outcome: dead letters
 */
import { describe, expect, test } from 'vitest';
import { ArchiveFault } from '../../../functions/callback/archive.ts';
import { NotKeptInTime } from '../../../functions/callback/archive-in-time.ts';
import { ImageUnavailable } from '../../../shared/images/fetch.ts';
import { bucketInMemory } from '../../support/bucket.ts';
import { png } from '../../support/pictures.ts';
import { CREATED } from '../../support/records.ts';
import { hasDynamoServer } from '../../support/tasks-table.ts';
import { useCallbackHarness } from './callback-harness.ts';

const DAY = 86_400_000;

describe.runIf(hasDynamoServer())('a callback', () => {
  const harness = useCallbackHarness();
  const breakBucket = () => {
    harness.bucket = bucketInMemory(() => {
      throw new Error('AccessDenied');
    });
  };

  test('whose bucket refuses: nothing is decided, the fault is counted, and noted once', async () => {
    const record = await harness.created();
    breakBucket();
    const report = harness.completed('/0.png');

    await expect(harness.handle(record.id, report)).rejects.toBeInstanceOf(ArchiveFault);
    harness.now += 60_000;
    await expect(harness.handle(record.id, report)).rejects.toBeInstanceOf(ArchiveFault);

    expect(harness.telemetry.counts).toEqual(['ImageNotKept', 'ImageNotKept']);
    expect(await harness.read(record)).toMatchObject({ status: 'pending', archive_fault: CREATED + 30 });
  });

  test('that is handled again once the bucket takes images: completed', async () => {
    const record = await harness.created();
    breakBucket();
    const report = harness.completed('/0.png');
    await expect(harness.handle(record.id, report)).rejects.toBeInstanceOf(ArchiveFault);
    harness.bucket = bucketInMemory();

    expect(await harness.handle(record.id, report)).toBe('completed');
  });

  test.each([
    ['after a fault of ours that lasted', 300_000, true],
    ['a day after the create', DAY, false],
  ])('whose link is dead %s: no outcome, whoever tries, and loud', async (_, later, isBroken) => {
    const record = await harness.created();
    const report = harness.completed('/0.png');
    if (isBroken) {
      breakBucket();
      await expect(harness.handle(record.id, report)).rejects.toBeInstanceOf(ArchiveFault);
      harness.bucket = bucketInMemory();
    }
    harness.setImages({ '/0.png': { status: 404 } });
    harness.now += later;

    await expect(harness.handle(record.id, report)).rejects.toBeInstanceOf(NotKeptInTime);

    expect(await harness.read(record)).toMatchObject({ status: 'pending' });
    expect(harness.telemetry.counts).toContain('ImageNotKept');
  });

  // A bucket answers with a 5xx now and then: that must not keep a task open whose link was never good.
  test.each([
    ['in time', undefined],
    ['a moment after a fault of ours', 299_000],
  ])('whose link is dead %s is the provider’s loss', async (_, later) => {
    const record = await harness.created();
    if (later !== undefined) {
      breakBucket();
      await expect(harness.handle(record.id, harness.completed('/0.png'))).rejects.toThrow(ArchiveFault);
      harness.bucket = bucketInMemory();
      harness.telemetry.counts.splice(0);
      harness.now += later;
    }
    harness.setImages({ '/0.png': { status: 404 } });

    expect(await harness.handle(record.id, harness.completed('/0.png'))).toBe('failed');

    expect(await harness.read(record)).toMatchObject({ error: { code: 'results_lost' } });
    expect(harness.telemetry.counts).not.toContain('ImageNotKept');
  });

  // Regression: a message that had waited for us was handled for the first time, and half an image was kept at once.
  test('that is handled for the first time long after it came asks for the whole all the same', async () => {
    harness.setImages({ '/0.png': { body: png().subarray(0, -10) } });
    const record = await harness.created();
    harness.now += 3_600_000;

    await expect(harness.handle(record.id, harness.completed('/0.png'))).rejects.toBeInstanceOf(
      ImageUnavailable,
    );
  });

  test('whose image is cut short waits ten minutes for the whole, then keeps what there is', async () => {
    const whole = png();
    harness.setImages({ '/0.png': { body: whole.subarray(0, whole.length - 10) } });
    const record = await harness.created();
    const report = harness.completed('/0.png');

    await expect(harness.handle(record.id, report)).rejects.toBeInstanceOf(ImageUnavailable);
    harness.now += 599_000;
    await expect(harness.handle(record.id, report)).rejects.toBeInstanceOf(ImageUnavailable);
    harness.now += 1000;
    expect(await harness.handle(record.id, report)).toBe('completed');

    expect(await harness.read(record)).toMatchObject({ images: [{ index: 0, truncated: true }] });
  });
});
