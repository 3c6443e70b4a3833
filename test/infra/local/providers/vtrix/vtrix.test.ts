/** Vtrix over HTTP: its statuses, its output, its errors, and the spellings that were seen. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type StandInProviders, startStandInProviders } from '../../../../../infra/local/providers/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { type FaultInput, StandInClient } from '../../../../support/stand-in-client.ts';
import { type Answer, call, newKey } from '../testing.ts';

let standIns: StandInProviders;
let key: string;
let control: StandInClient;
const flat = { model: 'wan25_t2i_preview', input: { prompt: '一只狐狸' }, parameters: { n: 2 } };
const mixed = {
  model: 'wan26_i2i',
  input: { messages: [{ role: 'user', content: [{ text: '狐狸的一天' }] }] },
  parameters: { enable_interleave: true, max_images: 3 },
};

beforeAll(async () => {
  standIns = await startStandInProviders({ delayMs: 10 });
});
afterAll(() => standIns.close());
beforeEach(() => {
  key = newKey();
  control = new StandInClient(standIns.urls.vtrix, key);
});

const create = (body: unknown = flat) => call(`${standIns.urls.vtrix}/model/v1/generation`, key, body);
const read = (id: unknown) => call(`${standIns.urls.vtrix}/model/v1/generation/task/${id}`, key);

async function ended(faults: FaultInput[] = [], body: unknown = flat): Promise<Answer> {
  for (const fault of faults) await control.addFault(fault);
  await create(body);
  const id = await eventually(async () => {
    const task = (await control.tasks()).at(-1);
    return task?.completedAt == null ? undefined : task.id;
  });
  return read(id);
}

test('the create answers in_progress with an id', async () => {
  const { status, body } = await create();

  expect(status).toBe(200);
  expect(body).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    created_at: expect.any(Number),
    model: 'wan25_t2i_preview',
    status: 'in_progress',
    progress: 0,
    metadata: {},
  });
});

test('progress grows from 0 to below 1 while it runs', async () => {
  await control.addFault({ kind: 'hold' });
  const { body } = await create();

  const progress = await eventually(async () => {
    const seen = Number((await read(body.id)).body.progress);
    return seen > 0 ? seen : undefined;
  });

  expect(progress).toBeLessThan(1);
});

test('a completed task lists one image a candidate, with its cost in dollars', async () => {
  const { body } = await ended();

  const image = { type: 'image', url: expect.stringContaining('/files/'), jobId: expect.any(String) };
  expect(body).toMatchObject({
    status: 'completed',
    output: [{ content: [image] }, { content: [image] }],
    usage: { cost: '0.06', discount: 1, image_count: 2 },
  });
  expect(body).not.toHaveProperty('progress');
});

test('mixed output: a text before each image, in order, not a character lost', async () => {
  const { body } = await ended([], mixed);

  const [{ content }] = body.output as [{ content: { type: string; text?: string; url?: string }[] }];
  const statuses = await Promise.all(
    content.flatMap(({ url }) => (url === undefined ? [] : [fetch(url).then(({ status }) => status)])),
  );
  expect(content.map(({ type }) => type)).toEqual(['text', 'image', 'text', 'image', 'text', 'image']);
  expect(content[0]?.text).toBe('1/3: 狐狸的一天');
  expect(statuses).toEqual([200, 200, 200]);
});

test.each(['in_progress', 'in_queue', 'pending', 'processing'] as const)(
  'running is spelled %s',
  async (running) => {
    await control.addFault({ kind: 'spelling', running });

    expect((await create()).body.status).toBe(running);
  },
);

test.each([
  ['object', { error: { code: '001021095', message: 'No.' } }],
  ['string', { error: 'No.' }],
  ['integer', { error: { code: 1021095, message: 'No.' } }],
  ['number', { error: 1021095 }],
  ['error_message', { error_message: 'No.' }],
] as const)('an error is spelled as %s', async (error, expected) => {
  const { body } = await ended([
    { kind: 'spelling', error },
    { kind: 'fail', code: '001021095', message: 'No.' },
  ]);

  expect(body).toMatchObject({ status: 'failed', ...expected });
});

test('task_id for id, a date for a number, all candidates in one entry', async () => {
  const { body } = await ended([{ kind: 'spelling', id: 'task_id', createdAt: 'iso', output: 'grouped' }]);

  expect(body).not.toHaveProperty('id');
  expect(body.task_id).toEqual(expect.any(String));
  expect(body.created_at).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(body.output).toMatchObject([{ content: [{ type: 'image' }, { type: 'image' }] }]);
});

test('the answer under data, a success without entries in its output', async () => {
  const { body } = await ended([{ kind: 'spelling', wrapped: true, completed: 'success', output: 'flat' }]);

  const image = { type: 'image', url: expect.stringContaining('/files/'), jobId: expect.any(String) };
  expect(body).toMatchObject({
    data: { id: expect.any(String), status: 'success', output: [image, image] },
    status: { code: 200, message: 'success' },
  });
});

test('completed at once', async () => {
  await control.addFault({ kind: 'completed-at-once' });

  const { body } = await create();

  expect(body).toMatchObject({ status: 'completed', usage: { image_count: 2 } });
});

test('an empty id with an error: nothing was created', async () => {
  await control.addFault({ kind: 'empty-id' });

  const { status, body } = await create();

  expect(status).toBe(200);
  expect(body).toMatchObject({ id: '', error: { code: '001021099' } });
  expect(await control.tasks()).toEqual([]);
});

test('refusals carry their code', async () => {
  const refused = await create({ ...mixed, parameters: {} });
  const withCallback = await create({ ...flat, callback_url: 'https://example.com/' });

  expect(refused).toMatchObject({ status: 400, body: { error: { code: '001021008' } } });
  expect(withCallback.status).toBe(400);
  expect(await control.tasks()).toEqual([]);
});

test.each([
  ['nonsense', 404],
  ['5e20543c-81b9-44f4-960e-f475912ee352', 404],
])('a read of %s answers %i', async (id, status) => {
  expect((await read(id)).status).toBe(status);
});

test('callback faults cannot be had here', async () => {
  await expect(control.addFault({ kind: 'callback-none' })).rejects.toThrow('400');
});
