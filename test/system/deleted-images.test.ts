/** What an operator has deleted from the bucket is not there, for callers and providers alike: no error of ours. */
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();

async function deleteAll(prefix: string): Promise<number> {
  const list = new ListObjectsV2Command({ Bucket: system.bucket, Prefix: prefix });
  const { Contents = [] } = await system.s3.send(list);
  for (const { Key } of Contents)
    await system.s3.send(new DeleteObjectCommand({ Bucket: system.bucket, Key }));
  return Contents.length;
}

test('a result image: its link leads to 404', async () => {
  const { body } = await system.submit(textToImage('to be deleted'));
  const { results } = await system.ended(body.id);

  const before = await fetch(results[0] ?? '');
  const deleted = await deleteAll('images/');
  const after = await fetch(results[0] ?? '');

  expect([before.status, deleted, after.status]).toEqual([200, 1, 404]);
  expect(await after.text()).toContain('<Code>NoSuchKey</Code>');
});

test('an input image: 404 in the documented shape', async () => {
  const source = await system.submit(textToImage('input to be deleted', { size: '800x800' }));
  const [url = ''] = (await system.ended(source.body.id)).results;
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  const prompt = 'works on what is deleted later';
  const image_urls = [`data:image/png;base64,${bytes.toString('base64')}`];

  const { body } = await system.submit({ model: 'wan2.5-image-to-image', prompt, image_urls });
  await system.ended(body.id);
  const { requests } = await system.evolink.calls();
  const sent = requests.find(({ body: one }) => JSON.stringify(one).includes(prompt))?.body;
  const [link = ''] = (sent as { image_urls: string[] }).image_urls;
  const before = await fetch(link);
  const deleted = await deleteAll('inputs/');
  const after = await fetch(link);

  expect([before.status, deleted, after.status]).toEqual([200, 1, 404]);
  expect(await after.json()).toMatchObject({ error: { code: 'task_not_found' } });
});
