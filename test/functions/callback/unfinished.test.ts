/**
 * One image of a task cannot be had while the others can: what is in the bucket is remembered, and is the outcome in the
 * end.
 *
 *   attempt 1   three kept, one host down ─► noted on the record, nothing decided
 *   attempt n   the three are not fetched again; the fourth is ─┬─ kept: all four
 *                                                               └─ last chance before its link dies: lost, three stay
 *
 * Regression: the task lay among the dead letters although three of its images were in the bucket.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { ArchiveFault } from '../../../functions/callback/archive.ts';
import { NotKeptInTime } from '../../../functions/callback/archive-in-time.ts';
import { ImageUnavailable } from '../../../shared/images/fetch.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { bucketInMemory } from '../../support/bucket.ts';
import { CREATED } from '../../support/records.ts';
import { hasDynamoServer } from '../../support/tasks-table.ts';
import { useCallbackHarness } from './callback-harness.ts';

const paths = ['/0.png', '/1.png', '/2.png', '/3.png'];
const down = { status: 503 };

describe.runIf(hasDynamoServer())('a completion of four images', () => {
  const harness = useCallbackHarness();
  let record: TaskRecord;
  const report = () => harness.completed(...paths);
  const handle = () => harness.handle(record.id, report());
  /** Seconds after the create. */
  const goTo = (seconds: number) => {
    harness.now = (CREATED + seconds) * 1000;
  };
  const fetched = () => harness.server.seen.map(({ path }) => path);
  const refuse = (pattern: RegExp) => {
    harness.bucket = bucketInMemory((key) => {
      if (pattern.test(key)) throw new Error('AccessDenied');
    });
  };
  beforeEach(async () => {
    record = await harness.created();
  });

  describe('one of whose hosts is down', () => {
    beforeEach(async () => {
      harness.setImages({ '/2.png': down });
      await expect(handle()).rejects.toBeInstanceOf(ImageUnavailable);
    });

    test('is noted in one write, with the three that are kept, and stays open', async () => {
      const after = await harness.read(record);

      expect(harness.table.writes()).toEqual(['noteUnfinished']);
      expect(after).toMatchObject({ status: 'pending', reported_at: CREATED + 30 });
      expect(after?.kept_images?.map(({ index }) => index)).toEqual([0, 1, 3]);
      expect(after?.archive_fault).toBeUndefined();
      expect(harness.telemetry.counts).toEqual([]);
    });

    test('fetches only what is missing the next time, and writes nothing that is known', async () => {
      harness.reset();
      harness.setImages({ '/2.png': down });

      await expect(handle()).rejects.toBeInstanceOf(ImageUnavailable);

      expect(fetched()).toEqual(['/2.png']);
      expect(harness.bucket.puts).toEqual([]);
      expect(harness.table.writes()).toEqual([]);
    });

    test('is completed with all four once the host is back, by the hashes that were recorded', async () => {
      const before = (await harness.read(record))?.kept_images;
      harness.reset();

      expect(await handle()).toBe('completed');

      const after = await harness.read(record);
      expect(fetched()).toEqual(['/2.png']);
      expect(after?.images?.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
      expect(after?.lost).toEqual([]);
      expect(after).not.toHaveProperty('kept_images');
      expect(JSON.stringify(after?.images)).not.toContain('source');
      for (const { source: _, ...image } of before ?? []) expect(after?.images).toContainEqual(image);
    });

    test('a minute before its last chance: still nothing is decided', async () => {
      goTo(86_400 - 901);
      await expect(handle()).rejects.toBeInstanceOf(ImageUnavailable);
      expect(await harness.read(record)).toMatchObject({ status: 'pending' });
    });

    test('at its last chance, before the links die: completed, the fourth lost by its host', async () => {
      harness.table.calls.splice(0);
      goTo(86_400 - 900);

      expect(await handle()).toBe('completed');

      expect(await harness.read(record)).toMatchObject({
        images: [{ index: 0 }, { index: 1 }, { index: 3 }],
        lost: [{ index: 2, reason: 'unavailable' }],
      });
      expect(harness.table.writes()).toEqual(['conclude']);
      expect(harness.telemetry.counts).toEqual([]);
    });

    // Nothing ran at its last chance: a day of ours, not of the host's.
    test.each([
      ['down', down],
      ['gone', { status: 404 }],
    ])('that is tried again only a day later, when it is %s: completed, and loud', async (_, answer) => {
      harness.setImages({ '/2.png': answer });
      goTo(86_400);

      expect(await handle()).toBe('completed');

      expect(await harness.read(record)).toMatchObject({
        images: { length: 3 },
        lost: [{ index: 2, reason: 'not_kept_in_time' }],
      });
      expect(harness.telemetry.counts).toEqual(['ImageNotKeptInTime']);
      expect(harness.telemetry.lines.join()).toContain(`{"task":"${record.id}","images":[2]}`);
    });

    test('whose links are signed anew: what is kept stands in for what cannot be had under its new address', async () => {
      harness.setImages({ '/0.png?again': { status: 404 }, '/1.png?again': { status: 410 } });
      const again = harness.completed('/0.png?again', '/1.png?again', '/2.png', '/3.png');

      expect(await harness.handleRead(record.id, again)).toBe('completed');

      expect(await harness.read(record)).toMatchObject({ images: { length: 4 }, lost: [] });
    });

    test('whose report has another order: each image is taken for what its address says', async () => {
      const before = (await harness.read(record))?.kept_images;
      const turned = harness.completed('/3.png', '/1.png', '/4.png', '/0.png');

      expect(await harness.handleRead(record.id, turned)).toBe('completed');

      const keys = (await harness.read(record))?.images?.map(({ key }) => key);
      expect(keys?.[0]).toBe(before?.[2]?.key);
      expect(keys?.[3]).toBe(before?.[0]?.key);
    });
  });

  test('all of whose hosts are down until the last chance: failed, by what is true of them', async () => {
    harness.setImages(Object.fromEntries(paths.map((path) => [path, down])));
    await expect(handle()).rejects.toBeInstanceOf(ImageUnavailable);
    expect(await harness.read(record)).toMatchObject({ status: 'pending', reported_at: CREATED + 30 });
    goTo(86_400 - 900);

    expect(await handle()).toBe('failed');

    expect(await harness.read(record)).toMatchObject({
      error: { code: 'results_lost', message: expect.stringContaining('unavailable') },
    });
  });

  test.each([
    ['ten minutes before the links die', 86_400 - 600],
    ['a day late', 2 * 86_400],
  ])(
    'that is first heard of %s: a host that fails is asked for the better part of an hour',
    async (_, at) => {
      harness.setImages({ '/2.png': down });
      goTo(at);
      await expect(handle()).rejects.toBeInstanceOf(ImageUnavailable);
      goTo(at + 2699);
      await expect(handle()).rejects.toBeInstanceOf(ImageUnavailable);
      goTo(at + 2700);

      expect(await handle()).toBe('completed');

      const reason = at < 86_400 ? 'unavailable' : 'not_kept_in_time';
      expect(await harness.read(record)).toMatchObject({ lost: [{ index: 2, reason }] });
    },
  );

  test('one of which our bucket refuses until its link is dead: completed with the others, and loud', async () => {
    refuse(/\/1-/);
    await expect(handle()).rejects.toBeInstanceOf(ArchiveFault);
    harness.setImages({ '/1.png': { status: 404 } });
    harness.now += 300_000;

    expect(await handle()).toBe('completed');

    expect(await harness.read(record)).toMatchObject({
      images: { length: 3 },
      lost: [{ index: 1, reason: 'not_kept_in_time' }],
    });
    expect(harness.telemetry.counts).toEqual(['ImageNotKept', 'ImageNotKeptInTime']);
  });

  // Regression: it was taken for our delay, and without another image the task never ended.
  test.each([
    ['three others', paths],
    ['one other', ['/0.png', '/3.png']],
  ])(
    'one of which was gone before our bucket refused another, beside %s: lost by its host',
    async (_, all) => {
      harness.setImages({ '/0.png': { status: 404 } });
      refuse(/./);
      const completed = harness.completed(...all);
      await expect(harness.handle(record.id, completed)).rejects.toBeInstanceOf(ArchiveFault);
      harness.bucket = bucketInMemory();
      harness.telemetry.counts.splice(0);
      goTo(7200);

      expect(await harness.handle(record.id, completed)).toBe('completed');

      const after = await harness.read(record);
      expect(after).toMatchObject({
        images: { length: all.length - 1 },
        lost: [{ index: 0, reason: 'gone' }],
      });
      expect(after).not.toHaveProperty('gone_images');
      expect(harness.telemetry.counts).toEqual([]);
    },
  );

  test('one of which is gone only after our bucket has refused: never taken for its host’s word', async () => {
    refuse(/\/0-/);
    await expect(handle()).rejects.toBeInstanceOf(ArchiveFault);
    goTo(7200);
    // At another address there is something to wait for.
    const again = harness.completed('/0.png', '/1.png?again', '/2.png', '/3.png');
    harness.setImages({ '/0.png': { status: 404 }, '/1.png?again': down });
    await expect(harness.handle(record.id, again)).rejects.toBeInstanceOf(ImageUnavailable);

    expect((await harness.read(record))?.gone_images).toBeUndefined();
  });

  test('one of which our bucket refuses, and whose link lives on, is never given up', async () => {
    refuse(/\/1-/);
    for (const seconds of [30, 86_400 - 900, 86_400, 3 * 86_400]) {
      goTo(seconds);
      await expect(handle()).rejects.toBeInstanceOf(ArchiveFault);
    }
    harness.bucket = bucketInMemory();

    expect(await handle()).toBe('completed');

    expect(harness.bucket.puts).toHaveLength(1);
    expect(await harness.read(record)).toMatchObject({ images: { length: 4 }, lost: [] });
  });

  test('none of which our bucket takes is never ended for it, whatever its hosts say later', async () => {
    refuse(/./);
    await expect(handle()).rejects.toBeInstanceOf(ArchiveFault);
    harness.setImages(Object.fromEntries(paths.map((path) => [path, down])));
    goTo(86_400 - 900);

    await expect(handle()).rejects.toBeInstanceOf(NotKeptInTime);

    expect(await harness.read(record)).toMatchObject({ status: 'pending' });
  });

  test('whose outcome the table does not take: what was kept is not fetched again, and not lost with its links', async () => {
    harness.table.failOnce('conclude', 'before');
    await expect(handle()).rejects.toThrow('the table cannot be reached');
    harness.reset();
    harness.setImages(Object.fromEntries(paths.map((path) => [path, { status: 404 }])));

    expect(await handle()).toBe('completed');

    expect(fetched()).toEqual([]);
    expect(await harness.read(record)).toMatchObject({ images: { length: 4 }, lost: [] });
  });

  // What was kept of one provider task must never stand in for another's.
  test('whose attempt was noted is that provider task’s: what names another one is foreign', async () => {
    harness.setImages({ '/2.png': down });
    await expect(handle()).rejects.toBeInstanceOf(ImageUnavailable);

    expect(await harness.read(record)).toMatchObject({ provider_task_id: 'p-1', submission: 'accepted' });
    expect(await harness.handle(record.id, { ...report(), id: 'p-2' })).toBe('foreign');
  });

  test('whose note cannot be written fails as it did, and says so', async () => {
    harness.setImages({ '/2.png': down });
    harness.table.failOnce('noteUnfinished', 'before');

    await expect(handle()).rejects.toBeInstanceOf(ImageUnavailable);

    expect(harness.telemetry.lines.join()).toContain('could not be noted');
  });

  test('all of which can be had is written once, and leaves no note', async () => {
    expect(await handle()).toBe('completed');

    expect(harness.table.writes()).toEqual(['conclude']);
    const after = await harness.read(record);
    expect(after).not.toHaveProperty('reported_at');
    expect(after).not.toHaveProperty('kept_images');
  });

  test('one of which is cut short keeps the others, and waits for the whole of it', async () => {
    harness.setImages({ '/2.png': { body: Buffer.from('89504e470d0a1a0a', 'hex') } });
    await expect(handle()).rejects.toBeInstanceOf(ImageUnavailable);
    harness.reset();

    expect(await handle()).toBe('completed');

    expect(fetched()).toEqual(['/2.png']);
  });
});
