/** How a submit ends, and that nobody pays twice (promises 1 and 2). */
import { expect, test } from 'vitest';
import { type ProblemAnswer, startSystem, textToImage } from './system.ts';

const system = await startSystem();

/** The creates that the provider received for this prompt. */
async function creates(prompt: string): Promise<number> {
  const { requests } = await system.evolink.calls();
  return requests.filter(
    ({ method, body }) => method === 'POST' && (body as { prompt?: string })?.prompt === prompt,
  ).length;
}

async function recordOf(prompt: string) {
  return (await system.records()).find((record) => record.prompt === prompt);
}

test.each([400, 402, 404, 413, 422])(
  'a final %i reaches the caller with the provider’s message',
  async (status) => {
    const prompt = `final ${status}`;
    await system.evolink.addFault(
      { kind: 'refuse', status, code: 'their_code', message: 'their message' },
      { prompt },
    );

    const answer = await system.submit<ProblemAnswer>(textToImage(prompt));

    expect(answer).toMatchObject({
      status,
      body: { error: { code: 'their_code', message: 'their message' } },
    });
    expect(await recordOf(prompt)).toMatchObject({
      status: 'failed',
      submission: 'refused',
      error: { code: 'their_code' },
    });
    expect(await creates(prompt)).toBe(1);
  },
);

// Regression: after a rotated key the provider's 401 failed tasks for good and burnt their Idempotency-Keys.
test.each([401, 403])('the provider’s %i is our misconfiguration, and nothing is final', async (status) => {
  const prompt = `ours ${status}`;
  const key = { 'idempotency-key': prompt };
  await system.evolink.addFault({ kind: 'refuse', status }, { prompt, times: 2 });

  const answer = await system.submit<ProblemAnswer>(textToImage(prompt), key);

  expect(answer).toMatchObject({ status: 503, body: { error: { code: 'provider_busy' } } });
  expect(answer.headers.get('retry-after')).toBe('60');
  expect(await recordOf(prompt)).toMatchObject({ status: 'pending', submission: 'refused' });
  expect(await creates(prompt)).toBe(2);
  expect(system.counted('ProviderUnauthorized', 'evolink')).toBeGreaterThan(0);
  expect((await system.submit(textToImage(prompt), key)).status).toBe(200);
});

test('a key that was rotated at the provider is read again at once', async () => {
  const valid = await system.providerKeys();
  await system.setProviderKeys({ ...valid, evolink: 'invalid-old' });
  system.cloud.function('Submit').kill();
  const key = { 'idempotency-key': 'rotated' };
  const before = await system.submit<ProblemAnswer>(textToImage('rotated'), key);

  await system.setProviderKeys(valid);
  const after = await system.submit(textToImage('rotated'), key);

  expect(before.status).toBe(503);
  expect(after.status).toBe(200);
  expect(await recordOf('rotated')).toMatchObject({ submission: 'accepted' });
});

test('one 429 is tried again within the request', async () => {
  await system.evolink.addFault({ kind: 'refuse', status: 429 }, { prompt: 'busy once', times: 1 });

  const answer = await system.submit(textToImage('busy once'));

  expect(answer.status).toBe(200);
  expect(await creates('busy once')).toBe(2);
});

test('a provider that stays busy: 503 with Retry-After, and the same key may try again, once', async () => {
  await system.evolink.addFault(
    { kind: 'refuse', status: 429, retryAfter: 60 },
    { prompt: 'busy', times: 1 },
  );
  const headers = { 'idempotency-key': 'busy-1' };

  const refused = await system.submit<ProblemAnswer>(textToImage('busy'), headers);
  const waiting = await recordOf('busy');
  const again = await Promise.all(
    Array.from({ length: 5 }, () => system.submit(textToImage('busy'), headers)),
  );

  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'provider_busy' } } });
  expect(refused.headers.get('retry-after')).toBe('60');
  expect(waiting).toMatchObject({ status: 'pending', submission: 'refused' });
  expect(again.map(({ status }) => status)).toEqual(Array(5).fill(200));
  expect(new Set(again.map(({ body }) => body.id))).toEqual(new Set([waiting?.id]));
  expect(await creates('busy')).toBe(2);
  expect((await system.ended(waiting!.id)).status).toBe('completed');
});

test.concurrent.each(['error', 'hang', 'drop', 'broken-json', 'empty'] as const)(
  'money spent, answer lost (%s): the pending task, never created again, completed by its callback',
  async (how) => {
    const prompt = `lost ${how}`;
    await system.evolink.addFault({ kind: 'lose-answer', how }, { prompt });
    const headers = { 'idempotency-key': prompt };

    const first = await system.submit(textToImage(prompt), headers);
    const second = await system.submit(textToImage(prompt), headers);
    const task = await system.ended(first.body.id);

    expect(first.status).toBe(200);
    expect(second.body.id).toBe(first.body.id);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(task.status).toBe('completed');
    expect(await creates(prompt)).toBe(1);
  },
);

test('the same key and request, twenty at once: one task, one create, one payment', async () => {
  const headers = { 'idempotency-key': 'twenty' };

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => system.submit(textToImage('twenty at once'), headers)),
  );

  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === null)).toHaveLength(1);
  expect(await creates('twenty at once')).toBe(1);
});

test('the same key with another request is 422, and nothing is created', async () => {
  const headers = { 'idempotency-key': 'reused' };
  await system.submit(textToImage('the first'), headers);

  const answer = await system.submit<ProblemAnswer>(textToImage('the second'), headers);

  expect(answer).toMatchObject({ status: 422, body: { error: { code: 'idempotency_key_reused' } } });
  expect(await creates('the second')).toBe(0);
});

test('without a record there is no provider call: the table refuses the intent', async () => {
  const forget = system.cloud.onRequest(({ service, operation }) =>
    service === 'DynamoDB' && operation === 'PutItem'
      ? { status: 400, code: 'ValidationException' }
      : undefined,
  );

  const answer = await system.submit<ProblemAnswer>(textToImage('no intent'));
  forget();

  expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal_error' } } });
  expect(answer.body.error.message).toContain('With an Idempotency-Key');
  expect(await creates('no intent')).toBe(0);
});

test('a fault while a task is read: no Idempotency-Key is advised, which a read does not have', async () => {
  const { body } = await system.submit(textToImage('read in vain'));
  const forget = system.cloud.onRequest(({ service, operation, caller }) =>
    service === 'DynamoDB' && operation === 'GetItem' && /tasks/i.test(caller)
      ? { status: 400, code: 'ValidationException' }
      : undefined,
  );

  const answer = await system.call<ProblemAnswer>('GET', `/v1/tasks/${body.id}`);
  forget();

  expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal_error' } } });
  expect(answer.body.error.message).toBe('Something went wrong on our side. The request may be sent again');
});

test('a crash between the create and its record: the callback still finds its task', async () => {
  await system.evolink.addFault({ kind: 'callback-delay', ms: 300 }, { prompt: 'crash' });
  const forget = system.cloud.onRequest(({ service, operation, caller }) => {
    if (service !== 'DynamoDB' || operation !== 'UpdateItem' || !/submit/i.test(caller)) return undefined;
    system.cloud.function(caller).kill();
    return { drop: 'before' };
  });

  const answer = await system.submit<ProblemAnswer>(textToImage('crash'));
  forget();
  const { id } = (await recordOf('crash'))!;
  const task = await system.ended(id);

  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(task.status).toBe('completed');
  expect(await creates('crash')).toBe(1);
});

test('a table that fails after the acceptance does not make the caller pay again', async () => {
  const forget = system.cloud.onRequest(({ service, operation, caller }) =>
    service === 'DynamoDB' && operation === 'UpdateItem' && /submit/i.test(caller)
      ? { status: 400, code: 'ValidationException' }
      : undefined,
  );

  const answer = await system.submit(textToImage('unrecorded'));
  forget();

  expect(answer.status).toBe(200);
  expect((await system.ended(answer.body.id)).status).toBe('completed');
  expect(await creates('unrecorded')).toBe(1);
});

// Regression: a function that started cold took its whole 25 s from its own start, and API Gateway gave up before it.
test('the time to answer counts from the request: one that took 21 s to arrive is not sent on', async () => {
  const prompt = 'late';
  const event = {
    version: '2.0',
    routeKey: 'POST /v1/images/generations',
    rawPath: '/v1/images/generations',
    headers: { authorization: `Bearer ${system.deployment.apiKey}` },
    requestContext: { timeEpoch: Date.now() - 21_000 },
    body: JSON.stringify(textToImage(prompt)),
    isBase64Encoded: false,
  };

  const invoked = await system.cloud.function('Submit').invoke(event);

  expect('payload' in invoked && JSON.parse(invoked.payload)).toMatchObject({
    statusCode: 503,
    headers: { 'retry-after': '5' },
  });
  expect(await creates(prompt)).toBe(0);
  expect(await recordOf(prompt)).toMatchObject({ status: 'pending', submission: 'refused' });
});
