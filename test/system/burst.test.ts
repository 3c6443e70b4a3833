/** 200 tasks with four images each, their callbacks in one burst: nothing is lost. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { PublicTask } from '../../shared/task/public-task.ts';
import { eventually } from '../support/eventually.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();
const TASKS = 200;
const IMAGES = 4;

test('every task completed, every image archived, one Completed event each', async () => {
  await system.evolink.addFault({ kind: 'hold' });
  const ids: string[] = [];
  for (let sent = 0; sent < TASKS; sent += 20) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        system.submit(textToImage(`burst ${sent + index}`, { n: IMAGES, size: '768x768' })),
      ),
    );
    ids.push(...answers.map(({ body }) => body.id));
  }

  const held = await system.evolink.tasks();
  await Promise.all(held.map(({ id }) => system.evolink.complete(id)));
  const completed = () => system.events.filter(({ detailType }) => detailType === 'Image Task Completed');
  await eventually(() => (completed().length >= TASKS ? true : undefined), `${TASKS} events`);
  await system.cloud.idle();

  expect(new Set(ids).size).toBe(TASKS);
  expect(new Set(completed().map(({ detail }) => detail.id))).toEqual(
    new Set(ids.map((id) => `${id}:completed`)),
  );
  expect(completed()).toHaveLength(TASKS);
  const records = await system.records();
  expect(
    records.filter(({ status, images }) => status === 'completed' && images?.length === IMAGES),
  ).toHaveLength(TASKS);
  expect(await countObjects()).toBe(TASKS * IMAGES);
  expect(await countListed()).toBe(TASKS);
  expect((await system.evolink.calls()).requests.filter(({ method }) => method === 'GET')).toEqual([]);
});

async function countObjects(): Promise<number> {
  const { KeyCount, IsTruncated } = await system.s3.send(
    new ListObjectsV2Command({ Bucket: system.bucket, Prefix: 'images/', MaxKeys: 1000 }),
  );
  expect(IsTruncated).toBe(false);
  return KeyCount ?? 0;
}

/** Through the API, page by page. */
async function countListed(): Promise<number> {
  const seen = new Set<string>();
  let cursor = '';
  do {
    const page = await system.call<{ data: PublicTask[]; next_cursor: string | null }>(
      'GET',
      `/v1/tasks?status=completed&limit=30${cursor}`,
    );
    for (const { id } of page.body.data) seen.add(id);
    cursor = page.body.next_cursor ? `&cursor=${page.body.next_cursor}` : '';
  } while (cursor);
  return seen.size;
}
