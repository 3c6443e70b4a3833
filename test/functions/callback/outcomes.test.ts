/** How a callback ends a task on a real table: the images are kept first, then one write tells everything (promise 6). */
import { describe, expect, test } from 'vitest';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { bucketInMemory } from '../../support/bucket.ts';
import { CREATED } from '../../support/records.ts';
import { hasDynamoServer } from '../../support/tasks-table.ts';
import { monthOf } from '../../support/usage.ts';
import { failed, PROVIDER_KEY, useCallbackHarness } from './callback-harness.ts';

describe.runIf(hasDynamoServer())('a callback', () => {
  const harness = useCallbackHarness();

  describe('that completes a task', () => {
    test('records every image that is in the bucket, and everything that was said', async () => {
      const record = await harness.created({ submission: 'accepted', provider_task_id: 'p-1' });

      expect(await harness.handle(record.id, harness.completed('/0.png', '/1.png'))).toBe('completed');

      const after = await harness.read(record);
      expect(after).toMatchObject({
        status: 'completed',
        progress: 100,
        completed: CREATED + 30,
        submission: 'accepted',
        lost: [],
        usage: { credits_reserved: 1.2 },
        charge: { images: 2, amount: 1_200_000, currency: 'credits', source: 'provider' },
        provider_task_id: 'p-1',
        output: [
          { type: 'image', index: 0 },
          { type: 'image', index: 1 },
        ],
      });
      expect(after?.images?.map(({ key }) => key).sort()).toEqual(
        harness.bucket.puts.map(({ key }) => key).sort(),
      );
      expect(after).not.toHaveProperty('error');
    });

    test('records when the word of it was in the queue, however long its images took', async () => {
      const record = await harness.created({ submission: 'accepted', provider_task_id: 'p-1' });
      const sentMs = CREATED * 1000 + 4321;

      expect(await harness.handle(record.id, harness.completed('/0.png'), { sentMs })).toBe('completed');

      expect(await harness.read(record)).toMatchObject({ heard_ms: sentMs, completed: CREATED + 30 });
    });

    test('settles what a repeat of its request has reserved meanwhile', async () => {
      const attempt = { key_id: 'key-1', asked: { images: 2 } };
      const record = await harness.created({ ...attempt, submission: 'refused', attempt: 'first' });
      const owner = {
        ...record,
        reservation: { attempt: 'second', day: '2026-01-02', budget: true },
      } as const;
      const { store } = harness.tables;
      harness.bucket = bucketInMemory(() => void store.reopen(record.id, 'second', owner, { budget: {} }));

      expect(await harness.handle(record.id, harness.completed('/0.png'))).toBe('completed');

      const after = await harness.read(record);
      expect(after).not.toHaveProperty('reservation');
      expect(after?.charge).toMatchObject({ images: 1, budget_day: '2026-01-02' });
      expect(await monthOf(harness.tables, record.owner, '2026-01-02')).toMatchObject({ images: 1 });
    });

    test('has the time at which its images were kept', async () => {
      const record = await harness.created();
      harness.bucket = bucketInMemory(() => {
        harness.now += 60_000;
      });

      await harness.handle(record.id, harness.completed('/0.png'));

      expect(await harness.read(record)).toMatchObject({ completed: CREATED + 90 });
    });

    test('before the create response names the provider task', async () => {
      const record = await harness.created();
      expect(await harness.handle(record.id, harness.completed('/0.png'))).toBe('completed');
      expect(await harness.read(record)).toMatchObject({
        status: 'completed',
        submission: 'accepted',
        provider_task_id: 'p-1',
      });
    });

    test('is written only after the images are kept', async () => {
      const record = await harness.created();
      let atPut: TaskRecord | undefined;
      harness.bucket = bucketInMemory(async () => {
        atPut = await harness.read(record);
      });

      await harness.handle(record.id, harness.completed('/0.png'));

      expect(atPut?.status).toBe('pending');
    });

    test('with some images lost lists them, and the rest completes it', async () => {
      harness.setImages({ '/1.png': { status: 404 }, '/2.png': { body: '<html>' } });
      const record = await harness.created();

      expect(await harness.handle(record.id, harness.completed('/0.png', '/1.png', '/2.png'))).toBe(
        'completed',
      );

      expect(await harness.read(record)).toMatchObject({
        images: [{ index: 0 }],
        lost: [
          { index: 1, reason: 'gone' },
          { index: 2, reason: 'not_an_image', format: 'HTML' },
        ],
      });
    });

    test('with every image lost has failed, and says why', async () => {
      harness.setImages({ '/0.png': { status: 404 } });
      const record = await harness.created();
      const report = {
        ...harness.completed('/0.png'),
        results: [`${harness.server.url}/0.png`, 'http://169.254.169.254/1.png'],
      };

      expect(await harness.handle(record.id, report)).toBe('failed');

      expect(await harness.read(record)).toMatchObject({
        status: 'failed',
        lost: [{ reason: 'gone' }, { reason: 'forbidden_address' }],
        // They were made and are charged, whoever lost them.
        charge: { images: 2, source: 'provider' },
        error: { code: 'results_lost', message: expect.stringContaining('gone, forbidden_address') },
      });
      expect(await harness.handle(record.id, report)).toBe('duplicate');
    });

    test('by texts and images keeps their order, images counted as in the archive', async () => {
      const record = await harness.created({ provider: 'vtrix', model: 'wan26_i2i' });
      const url = (path: string) => ({ type: 'image', url: `${harness.server.url}${path}` });
      const content = [
        { type: 'text', text: '从前' },
        url('/0.png'),
        { type: 'text', text: 'The end' },
        url('/1.png'),
      ];

      await harness.handleRead(record.id, { id: 'p-1', status: 'completed', output: [{ content }] });

      const after = await harness.read(record);
      expect(after?.output).toEqual([
        { type: 'text', text: '从前' },
        { type: 'image', index: 0 },
        { type: 'text', text: 'The end' },
        { type: 'image', index: 1 },
      ]);
      expect(after?.images?.map(({ index }) => index)).toEqual([0, 1]);
    });

    test('by texts alone is a completion', async () => {
      const record = await harness.created({ provider: 'vtrix' });
      const report = {
        id: 'p-1',
        status: 'completed',
        output: [{ content: [{ type: 'text', text: '从前' }] }],
      };
      expect(await harness.handle(record.id, report)).toBe('completed');
      expect(await harness.read(record)).toMatchObject({
        images: [],
        output: [{ type: 'text', text: '从前' }],
      });
    });

    test('by a status read that brought nothing has failed: there is nobody left to ask', async () => {
      const record = await harness.created({ provider: 'vtrix' });
      const report = { id: 'p-1', status: 'completed', output: [] };
      expect(await harness.handleRead(record.id, report)).toBe('failed');
      expect(await harness.read(record)).toMatchObject({
        status: 'failed',
        error: { code: 'generation_failed_no_content' },
      });
    });
  });

  describe('that fails a task', () => {
    test.each([
      ['a callback', (id: string, json: unknown) => harness.handle(id, json)],
      ['a status read', (id: string, json: unknown) => harness.handleRead(id, json)],
    ] as const)('and quotes our key keeps it out of the record: %s', async (_, handle) => {
      const record = await harness.created({ submission: 'accepted', provider_task_id: 'p-1' });
      const error = { code: 'x', message: `key ${PROVIDER_KEY} and ${encodeURIComponent(PROVIDER_KEY)}` };

      await handle(record.id, { id: 'p-1', status: 'failed', error, usage: { by: PROVIDER_KEY } });

      expect(await harness.read(record)).toMatchObject({
        status: 'failed',
        error: { message: 'key … and …' },
        usage: { by: '…' },
      });
    });

    test.each([
      ['a failure', failed, 'content_policy_violation'],
      ['a cancellation', { id: 'p-1', status: 'cancelled' }, 'request_cancelled'],
      ['a failure without a reason', { id: 'p-1', status: 'failed' }, 'unknown_error'],
    ])('%s is recorded with its code, and nothing is fetched', async (_, report, code) => {
      const record = await harness.created();

      expect(await harness.handle(record.id, { ...report, results: [`${harness.server.url}/0.png`] })).toBe(
        'failed',
      );

      expect(await harness.read(record)).toMatchObject({
        status: 'failed',
        error: { code },
        images: [],
        output: [],
        charge: { images: 0, amount: 0, source: 'none' },
      });
      expect([harness.bucket.puts, harness.server.seen]).toEqual([[], []]);
    });
  });
});
