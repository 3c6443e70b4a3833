/** No secret in a log, an error, an event or the access log: keys, signatures, callback paths, prompts (promise 10). */
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { serve } from '../support/server.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();
const PROMPT = 'a prompt that nobody else may read';

test('a good day and bad ones leave nothing secret behind', async () => {
  const { cloud, apiKey, webhookSecret } = system.deployment;
  await system.evolink.addFault({ kind: 'picture-status', status: 500, times: 6 }, { prompt: 'slow host' });
  await system.evolink.addFault({ kind: 'lose-answer', how: 'drop' }, { prompt: 'dropped' });
  const { evolink: key = '' } = await system.providerKeys();
  const message = `the key ${key} may not ask for this, nor ${encodeURIComponent(key)}`;
  await system.evolink.addFault({ kind: 'fail', message }, { prompt: 'failing' });
  const receiver = await serve(() => ({ status: 200, body: 'an answer that only the owner may read' }));
  onTestFinished(() => receiver.close());
  const callback_url = `${receiver.url}/of-the-caller?token=their-own`;
  const forget = cloud.onRequest(({ service, operation }) =>
    service === 'EventBridge' && Math.random() < 0.5
      ? { status: 500, code: 'InternalFailure', message: operation }
      : undefined,
  );

  const submitted = await Promise.all(
    ['', ' slow host', ' dropped', ' failing'].map((more) =>
      system.submit(textToImage(PROMPT + more, { callback_url }), { 'idempotency-key': `secret key${more}` }),
    ),
  );
  const tasks = await Promise.all(submitted.map(({ body }) => system.ended(body.id)));
  forget();
  await eventually(() => receiver.seen.length >= tasks.length, 'a webhook for each task');
  await system.submit('{"broken": ');
  await fetch(tasks[0]!.results[0]!);
  const callbackUrls = (await system.evolink.tasks()).map(({ callbackUrl }) => callbackUrl!);
  await fetch(callbackUrls[0]!.replace(/.$/, '~'), { method: 'POST', body: 'forged' });
  await cloud.idle();

  const secrets = [
    ...[apiKey, PROMPT, 'secret key', key],
    ...callbackUrls.map((url) => url.split('/').at(-1)!),
    ...tasks.flatMap(({ results }) => results).map((url) => url.split('/').at(-1)!),
    ...(await system.evolink.tasks()).flatMap(({ results }) => results),
    ...['X-Amz-Signature', 'Bearer '],
    ...[webhookSecret, 'whsec_', 'of-the-caller', 'their-own', 'only the owner may read'],
    ...receiver.seen.map(({ headers }) => String(headers['webhook-signature'])),
  ];
  expect(callbackUrls).toHaveLength(4);
  expect(system.log.length).toBeGreaterThan(20);
  for (const secret of secrets) expect(system.log.filter((line) => line.includes(secret))).toEqual([]);
  const events = JSON.stringify(system.events);
  for (const url of callbackUrls) expect(events).not.toContain(url.split('/').at(-1));
  for (const secret of [apiKey, key, webhookSecret])
    expect(events + JSON.stringify(tasks)).not.toContain(secret);
  expect(tasks.at(-1)?.error?.message).toBe('the key … may not ask for this, nor …');
});
