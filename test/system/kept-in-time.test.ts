/** A bucket that refuses images for a while: nothing is decided, it is loud, and the same message completes the task. */
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();

test('s3:PutObject is taken away and given back: counted, then completed, with one event', async () => {
  const giveBack = system.cloud.onRequest(({ service, operation }) =>
    service === 'S3' && operation === 'PutObject' ? { status: 403, code: 'AccessDenied' } : undefined,
  );
  const { body } = await system.submit(textToImage('bucket refuses'));
  const metric = () => system.cloud.metrics().find(({ name }) => name === 'ImageNotKept');
  await eventually(() => metric()?.sum, 'the fault');
  expect(metric()?.dimensions).toEqual({ service: 'callback' });
  expect(await system.task(body.id)).toMatchObject({ status: 'pending' });

  giveBack();
  system.cloud.queue('CallbacksQueue').makeAllVisible();
  const task = await system.ended(body.id);
  await system.cloud.idle();

  expect(task).toMatchObject({ status: 'completed', images: { length: 1 } });
  expect(system.eventsOf(body.id)).toEqual([`${body.id}:created`, `${body.id}:completed`]);
});
