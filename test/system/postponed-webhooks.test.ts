/** A table that fails while a webhook is handled: its message is put off for seconds, in either queue, and then handled. */
import { afterAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { serve } from '../support/server.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();

test.each([
  ['a first attempt', 'WebhooksDeliver', 'WebhooksFirst', 1],
  ['a retry', 'WebhooksRetry', 'WebhooksRetries', 2],
])('%s is put off and made', async (what, fn, queue, attempts) => {
  const server = await serve((_, count) => ({ status: count < attempts ? 500 : 200 }));
  afterAll(() => server.close());
  const { name } = system.cloud.function(fn);
  let failures = 1;
  const forget = system.cloud.onRequest(({ caller, operation }) =>
    caller === name && operation === 'GetItem' && failures-- > 0
      ? { status: 400, code: 'ValidationException' }
      : undefined,
  );
  const hidings = () => system.cloud.requests().byCaller[name]?.['SQS.ChangeMessageVisibility'] ?? 0;

  const { body } = await system.submit(textToImage(what, { callback_url: server.url }));
  await eventually(() => hidings() === 1, 'the message to be put off');
  // Not to wait for the pause.
  system.cloud.queue(`${queue}Queue`).makeAllVisible();
  await eventually(async () => (await system.task(body.id)).callback?.status === 'delivered', 'the delivery');
  forget();

  expect(server.seen).toHaveLength(attempts);
  expect((await system.task(body.id)).callback).toMatchObject({ attempts });
});
