/** The way of a task, from the request to the query, for every documented model. */
import { isDeepStrictEqual } from 'node:util';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { output } from '../../infra/local/deploy.ts';
import { newKey, putKey } from '../../infra/operations/api-keys.ts';
import type { BudgetEventDetail } from '../../shared/events/budget-event.ts';
import { sha256 } from '../../shared/runtime/json.ts';
import type { PublicTask } from '../../shared/task/public-task.ts';
import { LedgerSums, rowsOf } from '../../shared/usage/ledger-rows.ts';
import { dayOf, monthEntry } from '../../shared/usage/rows.ts';
import { type Case, cases } from '../cost/cases.ts';
import { startMeter, type Used } from '../cost/meter.ts';
import { readCostRecords } from '../cost/records.ts';
import { runTask, type Target } from '../cost/run-case.ts';
import { eventually } from '../support/eventually.ts';
import { taskRecord } from '../support/records.ts';
import { type ProblemAnswer, startSystem, textToImage } from './system.ts';

const system = await startSystem();

const message = (text: string, images: readonly string[] = []) => ({
  messages: [{ role: 'user', content: [...images.map((image) => ({ image })), { text }] }],
});

/** Every image through its link and from the bucket itself: the same bytes, with the checksum that the task names. */
async function expectKept(task: PublicTask): Promise<void> {
  expect(task.results).toEqual(task.images.map(({ url }) => url));
  for (const image of task.images) {
    const linked = Buffer.from(await (await fetch(image.url)).arrayBuffer());
    const object = await system.s3.send(new GetObjectCommand({ Bucket: image.s3.bucket, Key: image.s3.key }));
    const stored = Buffer.from(await object.Body!.transformToByteArray());
    expect(sha256(linked)).toBe(image.sha256);
    expect(sha256(stored)).toBe(image.sha256);
    expect(stored.length).toBe(image.bytes);
    expect(object.ContentType).toBe(image.content_type);
  }
}

// First: webhooks of later tests are tried again while others run, and would be counted.
describe('what a task asks of AWS is what docs/cost.md says (npm run cost)', () => {
  const { cases: measured } = readCostRecords().at(-1)!;
  const target: Target = {
    cloud: system.cloud,
    dynamodb: system.dynamodb,
    apiKey: system.deployment.apiKey,
    tasksTable: system.tasksTable,
  };

  // What the providers were asked here is not for the tests that look at it.
  afterAll(() => Promise.all([system.evolink.clearCalls(), system.vtrix.clearCalls()]));

  /** The timers of the tasks wait for minutes here: what they ask for is counted by the command alone. */
  const withoutTimers = (used: Used) =>
    Object.fromEntries(
      Object.entries(used).filter(([unit]) => !/^SQS|^Lambda|BatchGetItem|^logs|readUnits/.test(unit)),
    );

  const measureTask = (one: Case) =>
    startMeter().measure(system.cloud, system.dynamodb, async () => {
      await runTask(target, one);
    });

  test.each(cases.filter(({ hasWebhook, hasBudget }) => !hasWebhook && !hasBudget))('$name', async (one) => {
    const counted = measured.find(({ name }) => name === one.name)!.used;
    await runTask(target, one);

    let used = await measureTask(one);
    // On a busy machine a task may be read once more before it has ended; one that costs more does so every time.
    for (let nth = 0; nth < 2 && !isDeepStrictEqual(withoutTimers(used), withoutTimers(counted)); nth++) {
      used = await measureTask(one);
    }

    expect(withoutTimers(used)).toEqual(withoutTimers(counted));
    for (const [unit, count] of Object.entries(used)) {
      expect(count, unit).toBeLessThanOrEqual(counted[unit]!);
    }
  });
});

test('text to image: submitted, called back, archived, recorded, announced, queried', async () => {
  const prompt = 'A red boat 一只红色的小船 🚣';

  const submitted = await system.submit(
    textToImage(prompt, { size: '1024x768', n: 3, metadata: { order: '42' } }),
  );
  const task = await system.ended(submitted.body.id);

  expect(submitted.status).toBe(200);
  expect(submitted.body).toMatchObject({
    object: 'image.generation.task',
    status: 'pending',
    results: [],
    error: null,
  });
  expect(submitted.body.id).toMatch(/^task_[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(task).toMatchObject({
    ...{ id: submitted.body.id, model: 'wan2.5-text-to-image', status: 'completed', progress: 100, prompt },
    ...{ metadata: { order: '42' }, error: null },
  });
  expect(task.images.map(({ width, height, content_type }) => [width, height, content_type])).toEqual(
    Array(3).fill([1024, 768, 'image/png']),
  );
  await expectKept(task);
  const record = await system.record(task.id);
  expect(record).toMatchObject({ status: 'completed', submission: 'accepted', owner: 'tester', prompt });
  expect(record?.images?.map((image) => image.sha256)).toEqual(task.images.map((image) => image.sha256));
  await system.cloud.idle();
  expect(system.eventsOf(task.id)).toEqual([`${task.id}:created`, `${task.id}:completed`]);
  const completed = system.events.find(({ detail }) => detail.id === `${task.id}:completed`);
  expect(completed).toMatchObject({
    detailType: 'Image Task Completed',
    detail: { version: '1', owner: 'tester', task },
  });
  const list = await system.call<{ data: PublicTask[] }>('GET', '/v1/tasks?status=completed&limit=100');
  expect(list.body.data.find(({ id }) => id === task.id)).toEqual(task);
});

test('the provider is sent the documented body, our callback URL, n, and nothing of the caller’s own', async () => {
  const prompt = 'what is sent';

  const { body } = await system.submit(
    textToImage(prompt, { metadata: { secret: 'mine' }, callback_url: 'https://caller.example.com/hook' }),
  );
  await system.ended(body.id);

  const { requests } = await system.evolink.calls();
  const created = requests.find((request) => (request.body as { prompt?: string })?.prompt === prompt);
  expect(created?.body).toEqual({
    ...{ model: 'wan2.5-text-to-image', prompt, size: '1280x1280', n: 1, prompt_extend: true },
    callback_url: expect.stringMatching(
      new RegExp(`^${system.cloud.apiUrl}/v1/callbacks/${body.id}/1-[\\w-]{43}$`),
    ),
  });
});

test('editing and fusing: the input images reach the provider in the caller’s order', async () => {
  const source = await system.submit(textToImage('source pictures', { n: 2 }));
  const [one, two] = (await system.ended(source.body.id)).results;

  const fused = await system.submit({
    ...{ model: 'wan2.5-image-to-image', prompt: 'fuse', image_urls: [two, one], n: 2 },
  });
  const task = await system.ended(fused.body.id);

  expect(task).toMatchObject({ status: 'completed', model: 'wan2.5-image-to-image' });
  expect(task.images).toHaveLength(2);
  await expectKept(task);
  const { requests } = await system.evolink.calls();
  const created = requests.find((request) => (request.body as { prompt?: string })?.prompt === 'fuse');
  expect(created?.body).toMatchObject({ image_urls: [two, one] });
});

test('wan25_t2i_preview at Vtrix: four candidates by default, one read, no callback field', async () => {
  const prompt = '雪地里的红狐狸';

  const { body } = await system.submit({
    model: 'wan25_t2i_preview',
    input: { prompt },
    callback_url: 'https://caller.example.com/hook',
  });
  const task = await system.ended(body.id);

  expect(task).toMatchObject({ status: 'completed', prompt, images: { length: 4 } });
  await expectKept(task);
  const { requests } = await system.vtrix.calls();
  const created = requests.find(({ method }) => method === 'POST');
  expect(created?.body).toEqual({
    model: 'wan25_t2i_preview',
    input: { prompt },
    parameters: { size: '1280*1280', n: 4, prompt_extend: true, watermark: false },
  });
});

test('wan26_i2i interleaved: texts and images in the provider’s order', async () => {
  const { body } = await system.submit({
    ...{ model: 'wan26_i2i', input: message('Fold a crane 折纸鹤') },
    parameters: { enable_interleave: true, max_images: 3 },
  });
  const task = await system.ended(body.id);

  expect(task.status).toBe('completed');
  const content = task.output.flatMap((part) => part.content);
  expect(content.map(({ type }) => type)).toEqual(['text', 'image', 'text', 'image', 'text', 'image']);
  expect(content.flatMap((item) => (item.type === 'image' ? [item.url] : []))).toEqual(task.results);
  expect(content[0]).toMatchObject({ text: expect.stringContaining('折纸鹤') });
  await expectKept(task);
});

test('wan26_i2i editing: data URIs are kept in the bucket and linked to, in order', async () => {
  const source = await system.submit(textToImage('data uri source', { size: '800x800' }));
  const [url] = (await system.ended(source.body.id)).results;
  const bytes = Buffer.from(await (await fetch(url!)).arrayBuffer());
  const dataUri = `data:image/png;base64,${bytes.toString('base64')}`;

  const { body } = await system.submit({ model: 'wan26_i2i', input: message('edit both', [dataUri, url!]) });
  const task = await system.ended(body.id);

  expect(task.status).toBe('completed');
  const { requests } = await system.vtrix.calls();
  const created = requests.find(({ body: sent }) => JSON.stringify(sent).includes('edit both'));
  const sent = created?.body as { input: { messages: { content: { image?: string }[] }[] } };
  const [first, second] = sent.input.messages[0]!.content;
  expect(first?.image).toContain(`/v1/inputs/${body.id}/0/`);
  // Whenever the provider asks: the link is no presigned one, which would end with the function's session.
  const fetched = await fetch(first!.image!);
  expect(fetched.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await fetched.arrayBuffer()).equals(bytes)).toBe(true);
  expect((await fetch(`${first!.image}x`)).status).toBe(403);
  expect(second?.image).toBe(url);
  expect(JSON.stringify(await system.record(body.id))).not.toContain('base64');
});

test('wan2.5-image-to-image takes a data URI too, and its provider gets an address', async () => {
  const source = await system.submit(textToImage('data uri for EvoLink', { size: '800x800' }));
  const [url = ''] = (await system.ended(source.body.id)).results;
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());

  const { body } = await system.submit({
    ...{ model: 'wan2.5-image-to-image', prompt: 'from inside the request' },
    image_urls: [`data:image/png;base64,${bytes.toString('base64')}`],
  });
  const task = await system.ended(body.id);

  expect(task.status).toBe('completed');
  const { requests } = await system.evolink.calls();
  const created = requests.find(({ body: sent }) => JSON.stringify(sent).includes('from inside the request'));
  expect(created?.body).toMatchObject({
    image_urls: [expect.stringContaining(`/v1/inputs/${body.id}/0/`)],
  });
});

test('an owner sees nothing of another owner’s tasks', async () => {
  const { body } = await system.submit(textToImage('mine'));

  const foreign = await system.call(
    'GET',
    `/v1/tasks/${body.id.slice(0, -1)}${body.id.endsWith('0') ? '1' : '0'}`,
  );
  const noKey = await system.call('GET', `/v1/tasks/${body.id}`, undefined, { authorization: '' });

  expect(foreign).toMatchObject({ status: 404, body: { error: { code: 'task_not_found' } } });
  expect(noKey).toMatchObject({
    status: 401,
    body: { error: { code: 'unauthorized', type: 'authentication_error' } },
  });
});

interface Usage {
  readonly data: readonly {
    day: string;
    group: string | null;
    requests: number;
    images: { asked: number; made: number };
  }[];
}

const usage = (groupBy: string, headers: Record<string, string> = {}) =>
  system.call<Usage>(
    'GET',
    `/v1/usage?from=2026-01-01&group_by=${groupBy}&to=2026-12-31`,
    undefined,
    headers,
  );
const total = ({ data }: Usage, figure: 'asked' | 'made') =>
  data.reduce((sum, { images }) => sum + images[figure], 0);

test('usage is the sum over the owner’s tasks, however it is grouped, and nothing of another owner’s', async () => {
  const { body } = await system.submit(textToImage('counted', { n: 2, metadata: { team: 'red' } }));
  await system.ended(body.id);
  const other = newKey();
  await putKey(system.dynamodb, output(system.cloud, 'KeysTable'), 'somebody-else', other);
  await system.cloud.idle();

  const sums = new LedgerSums();
  for (const record of await system.records()) sums.add(rowsOf(record, []));
  const expected = (figure: string) =>
    sums.rows().reduce((sum, { counters }) => sum + (counters[figure] ?? 0), 0);
  for (const groupBy of ['day', 'model', 'key', 'metadata.team']) {
    const answer = await usage(groupBy);
    expect(answer.status).toBe(200);
    expect(total(answer.body, 'asked')).toBe(expected('asked'));
    expect(total(answer.body, 'made')).toBe(expected('made'));
  }
  expect(expected('made')).toBeGreaterThan(10);
  const teams = (await usage('metadata.team')).body.data;
  expect(teams.find(({ group }) => group === 'red')).toMatchObject({ requests: 1, images: { made: 2 } });
  expect((await usage('model', { authorization: `Bearer ${other}` })).body).toMatchObject({
    data: [],
    next_cursor: null,
  });
  expect((await usage('day', { authorization: '' })).status).toBe(401);
  const refused = await system.call<ProblemAnswer>('GET', '/v1/usage?from=2026-02-01&to=2026-01-01');
  expect(refused).toMatchObject({ status: 400, body: { error: { param: 'from' } } });
});

test('the bus is told once when a budget is used to 80 and to 100 %', async () => {
  const day = dayOf(Date.now());
  const put = (table: string, item: object) =>
    system.dynamodb.send(
      new PutItemCommand({ TableName: output(system.cloud, table), Item: marshall(item) }),
    );
  const counters = (images: number) => ({
    owner: 'thrifty',
    entry: monthEntry(day),
    images,
    [`d${day.slice(8)}_images`]: images,
  });
  const held = { attempt: 'a', day, budget: true } as const;
  const holdAnother = () => put('TasksTable', taskRecord({ owner: 'thrifty', reservation: held }));
  const told = () =>
    system.events
      .filter(({ detailType }) => detailType === 'Budget Threshold Reached')
      .map(({ detail }) => detail as unknown as BudgetEventDetail);
  await put('UsageTable', { owner: 'thrifty', entry: 'budget', images_per_day: 10 });

  await put('UsageTable', counters(8));
  await holdAnother();
  await eventually(() => told().length === 1);
  await put('UsageTable', { ...counters(10), told: new Set([`day_${day}_images_10_80`]) });
  await holdAnother();
  await eventually(() => told().length === 2);
  await holdAnother();
  await system.cloud.idle();

  const expected = (used: number, percent: number) => ({
    version: '1',
    id: `thrifty:${day}:day_${day}_images_10_${percent}`,
    occurred_at: expect.any(String),
    owner: 'thrifty',
    budget: { period: 'day', of: day, measure: 'images', currency: null, limit: 10, used, percent },
  });
  expect(told()).toEqual([expected(8, 80), expected(10, 100)]);
});
