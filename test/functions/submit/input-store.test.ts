/** Input images on their way through submit: what came inside is kept and linked to, what is wrong costs nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataUri, png } from '../../support/pictures.ts';
import { scriptedProvider } from '../../support/provider.ts';
import { edit, imageToImage } from '../../support/requests.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { submitting } from './submitting.ts';

let keys = 0;
const newKey = () => `key-${++keys}`;

describe.runIf(hasDynamoServer())('an input image', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());
  const read = (id: string) => tables.store.get(id);

  const inline = dataUri(png());
  const url = 'https://x.example.com/1.png';

  test('that came inside are put in the bucket and linked to, in their order', async () => {
    const provider = scriptedProvider();
    const { run, bucket } = submitting(tables, provider);
    const content = [{ image: url }, { text: 'blend' }, { image: inline }];

    const submitted = await run(edit({}, content));

    const id = submitted.kind === 'task' ? submitted.record.id : '';
    expect(bucket.puts).toMatchObject([
      { bucket: 'images', key: `inputs/${id}/1`, contentType: 'image/png' },
    ]);
    expect(bucket.puts[0]?.body.equals(png())).toBe(true);
    expect(provider.creates[0]?.body).toMatchObject({
      input: {
        messages: [
          {
            content: [
              { image: url },
              { text: 'blend' },
              { image: expect.stringContaining(`/v1/inputs/${id}/1/`) },
            ],
          },
        ],
      },
    });
    expect(JSON.stringify(await read(id))).not.toMatch(/base64|X-Amz/);
  });

  test.each([
    ['a broken one', imageToImage({ image_urls: [url, dataUri(png({ width: 383 }))] }), 'image_urls[1]'],
    ['an internal address', imageToImage({ image_urls: ['http://169.254.169.254/1.png'] }), 'image_urls[0]'],
  ])('%s: no record, no object, no call', async (_, body, param) => {
    const provider = scriptedProvider();
    const { run, table, bucket } = submitting(tables, provider);

    expect(await run(body, newKey())).toMatchObject({ kind: 'invalid', violation: { param } });

    expect([table.writes(), bucket.puts, provider.creates]).toEqual([[], [], []]);
  });

  test('that the bucket does not take: certainly nothing was created, and the same key tries again', async () => {
    const key = newKey();
    const provider = scriptedProvider();
    const broken = submitting(tables, provider);
    broken.bucket.s3.send = () => Promise.reject(new Error('SlowDown')) as never;

    expect(await broken.run(imageToImage({ image_urls: [inline] }), key)).toMatchObject({ kind: 'busy' });
    expect(provider.creates).toEqual([]);
    expect(await submitting(tables, provider).run(imageToImage({ image_urls: [inline] }), key)).toMatchObject(
      { kind: 'task' },
    );
    expect(provider.creates).toHaveLength(1);
  });
});
