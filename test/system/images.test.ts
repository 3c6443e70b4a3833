/** What becomes of the images: kept, retried, or listed as lost (promises 6 and 9), and how their links open. */
import { expect, test } from 'vitest';
import type { FaultInput } from '../support/stand-in-client.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();

async function taskWith(prompt: string, fault: FaultInput, n = 2) {
  await system.evolink.addFault(fault, { prompt });
  const { body } = await system.submit(textToImage(prompt, { n }));
  return system.ended(body.id);
}

test.concurrent.each<[string, FaultInput, string]>([
  ['a link that says 404', { kind: 'picture-status', status: 404, index: 0 }, 'gone'],
  ['a link that says 410', { kind: 'picture-status', status: 410, index: 0 }, 'gone'],
  ['a page instead of an image', { kind: 'picture-html', index: 0 }, 'not_an_image'],
  [
    'a redirect to the metadata service',
    { kind: 'picture-redirect', to: 'http://169.254.169.254/', index: 0 },
    'forbidden_address',
  ],
  [
    'a link into a private network',
    { kind: 'picture-link', url: 'http://10.0.0.8/a.png', index: 0 },
    'forbidden_address',
  ],
  ['an image over the limit', { kind: 'picture-bytes', bytes: 33 * 1024 * 1024, index: 0 }, 'too_large'],
])('%s is listed as lost, the other image is kept', async (what, fault, reason) => {
  const task = await taskWith(what, fault);

  expect(task.status).toBe('completed');
  expect(task.lost).toMatchObject([{ index: 0, reason }]);
  expect(task.images).toHaveLength(1);
  expect(task.results[0]).toContain(`/v1/images/${task.id}/1/`);
});

test.concurrent('a task of which nothing is left has failed', async () => {
  const task = await taskWith('all gone', { kind: 'picture-status', status: 410 });

  expect(task).toMatchObject({ status: 'failed', error: { code: 'results_lost' }, results: [] });
});

test.concurrent.each<[string, FaultInput]>([
  ['5xx', { kind: 'picture-status', status: 503, times: 2 }],
  ['a late file', { kind: 'picture-status', status: 404, times: 1 }],
  ['a truncated body', { kind: 'picture-truncated', times: 1 }],
  ['a file that is cut short', { kind: 'picture-cut', times: 1 }],
  ['an empty file', { kind: 'picture-empty', times: 1 }],
  ['a compressed answer', { kind: 'picture-encoded', encoding: 'gzip' }],
  ['a redirect on the same host', { kind: 'picture-redirect' }],
  ['a wrong content type', { kind: 'picture-type', contentType: 'text/plain' }],
])('%s costs no image', async (what, fault) => {
  const task = await taskWith(what, fault);

  expect(task).toMatchObject({ status: 'completed', images: { length: 2 } });
  expect(task.lost).toBeUndefined();
  expect(task.images.filter(({ truncated }) => truncated)).toEqual([]);
});

test.concurrent('a host that is down longer than one try is retried by the queue, and the task is not failed early', async () => {
  const task = await taskWith('down for a while', { kind: 'picture-status', status: 500, times: 5 }, 1);

  expect(task.status).toBe('completed');
  expect(system.counted('CallbackPostponed')).toBeGreaterThan(0);
});

test('a bucket that fails for a while loses nothing', async () => {
  let failures = 4;
  const forget = system.cloud.onRequest(({ service, operation }) =>
    service === 'S3' && operation === 'PutObject' && failures-- > 0
      ? { status: 503, code: 'SlowDown' }
      : undefined,
  );

  const { body } = await system.submit(textToImage('slow bucket'));
  const task = await system.ended(body.id);
  forget();

  expect(task).toMatchObject({ status: 'completed', images: { length: 1 } });
});

test('image links: 302 when good, 403 when changed, whether there is such a task or not', async () => {
  const { body } = await system.submit(textToImage('links'));
  const [link = ''] = (await system.ended(body.id)).results;
  const path = link.slice(system.cloud.apiUrl.length);
  const open = (changed: string) => system.call('GET', changed, undefined, { authorization: '' });

  const good = await fetch(link, { redirect: 'manual' });
  const forged = await open(path.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')));
  const prolonged = await open(path.replace(/\/([0-9a-z]+)-/, (_, expiry) => `/${expiry}0-`));
  const otherIndex = await open(path.replace('/0/', '/1/'));
  const unknown = await open(path.replace(body.id, 'task_00000000000000000000000000'));

  expect(good.status).toBe(302);
  expect((await fetch(good.headers.get('location')!)).headers.get('content-type')).toBe('image/png');
  expect([forged.status, prolonged.status, otherIndex.status, unknown.status]).toEqual([403, 403, 403, 403]);
});

test('a link with ?download is saved under a name, instead of shown', async () => {
  const { body } = await system.submit(textToImage('to save'));
  const [link = ''] = (await system.ended(body.id)).results;
  const dispositionOf = async (address: string) => (await fetch(address)).headers.get('content-disposition');

  expect(await dispositionOf(link)).toBeNull();
  expect(await dispositionOf(`${link}?download`)).toBe(`attachment; filename="${body.id}-1.png"`);
});
