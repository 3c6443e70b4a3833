/** Budgets and limits over HTTP: what is refused leaves nothing, and what was reserved is settled by whoever ends the task. */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import { output } from '../../infra/local/deploy.ts';
import { newKey } from '../../infra/operations/api-keys.ts';
import { UsageOutputs, usageTables } from '../../infra/operations/usage/outputs.ts';
import { verifyAll } from '../../infra/operations/usage/verify-all.ts';
import { sha256 } from '../../shared/runtime/json.ts';
import type { Caller } from '../../shared/security/api-keys.ts';
import { BUDGET, type Budget, dayOf, monthEntry, runningEntry } from '../../shared/usage/rows.ts';
import { eventually } from '../support/eventually.ts';
import { taskRecord } from '../support/records.ts';
import { dieAt } from './deaths.ts';
import { type ProblemAnswer, startSystem, textToImage } from './system.ts';

const system = await startSystem({ hasty: true });
const usageTable = output(system.cloud, 'UsageTable');

async function put(table: string, row: object): Promise<void> {
  await system.dynamodb.send(new PutItemCommand({ TableName: table, Item: marshall(row) }));
}

/** An owner with one key. @returns what its requests carry */
async function ownerWith(owner: string, budget: Budget, limits: Caller['limits'] = {}) {
  const key = newKey();
  await put(usageTable, { owner, entry: BUDGET, ...budget });
  const row = { key_hash: sha256(key), key_id: owner, owner, limits, budgeted: true };
  await put(output(system.cloud, 'KeysTable'), row);
  return { authorization: `Bearer ${key}` };
}

async function countersOf(owner: string, entry: string): Promise<Record<string, number>> {
  const Key = marshall({ owner, entry });
  const read = new GetItemCommand({ TableName: usageTable, Key, ConsistentRead: true });
  const { Item } = await system.dynamodb.send(read);
  const { owner: _owner, entry: _entry, ...counters } = Item ? unmarshall(Item) : {};
  return counters as Record<string, number>;
}

const month = (owner: string) => countersOf(owner, monthEntry(dayOf(Date.now())));

/** What the functions that create and end a task asked of DynamoDB for one task. */
async function requestsFor(prompt: string, headers: Record<string, string>): Promise<Record<string, number>> {
  // The first request of a key looks the key up.
  await system.ended((await system.submit(textToImage(`${prompt} first`), headers)).body.id, headers);
  const before = system.cloud.requests();
  await system.ended((await system.submit(textToImage(prompt), headers)).body.id, headers);
  const sums: Record<string, number> = {};
  for (const [caller, kinds] of Object.entries(system.cloud.requests(before).byCaller)) {
    if (!/Submit|Callback/.test(caller)) continue;
    for (const [kind, count] of Object.entries(kinds).filter(([name]) => name.startsWith('DynamoDB.')))
      sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}

test('a task costs no request more where nothing is set, and is reserved and settled in place of two writes', async () => {
  const free = { authorization: `Bearer ${system.deployment.apiKey}` };
  const bound = await ownerWith(
    'bound',
    { images_per_day: 9 },
    { images_at_once: 9, requests_per_minute: 9 },
  );

  expect(await requestsFor('free', free)).toEqual({
    'DynamoDB.PutItem': 1,
    'DynamoDB.UpdateItem': 2,
    'DynamoDB.GetItem': 1,
  });
  expect(await requestsFor('bound', bound)).toEqual({
    'DynamoDB.TransactWriteItems': 2,
    'DynamoDB.UpdateItem': 2,
    'DynamoDB.GetItem': 2,
  });
});

test('200 submits at once for 50 images: 50 are created and charged, 150 are told why not', async () => {
  const headers = await ownerWith('crowd', { images_per_month: 50 }, { images_at_once: 1000 });

  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, nth) => system.submit(textToImage(`crowd ${nth}`), headers)),
  );

  const taken = answers.filter(({ status }) => status === 200);
  expect(taken).toHaveLength(50);
  const refused = answers.filter(({ status }) => status === 402) as unknown as { body: ProblemAnswer }[];
  expect(refused).toHaveLength(150);
  for (const { body } of refused) expect(body.error.message).toMatch(/has 0 images left/);
  const records = (await system.records()).filter(({ owner }) => owner === 'crowd');
  expect(records).toHaveLength(50);

  await eventually(async () => {
    const { images = 0 } = await countersOf('crowd', runningEntry('crowd'));
    return images === 0 || undefined;
  }, 'the end of all 50');
  expect(await month('crowd')).toMatchObject({ images: 50 });
  for (const { id } of records) {
    expect(await system.record(id)).toMatchObject({ charge: { images: 1, budget_day: expect.any(String) } });
  }
});

test('a refusal says what is allowed, and when to come back', async () => {
  const headers = await ownerWith(
    'small',
    { images_per_day: 3 },
    { images_at_once: 2, requests_per_minute: 1000 },
  );

  const tooMany = await system.submit<ProblemAnswer>(textToImage('small', { n: 4 }), headers);
  await system.evolink.addFault({ kind: 'callback-none' }, { prompt: 'small first' });
  await system.submit(textToImage('small first', { n: 2 }), headers);
  const atOnce = await system.submit<ProblemAnswer>(textToImage('small second'), headers);

  expect(tooMany).toMatchObject({ status: 400, body: { error: { code: 'invalid_parameters' } } });
  expect(atOnce).toMatchObject({ status: 429, body: { error: { code: 'rate_limit_exceeded' } } });
  expect(atOnce.headers.get('retry-after')).toBe('10');
});

test('a task that nobody ever hears of is settled by the check, where it was reserved', async () => {
  await ownerWith('silent', {});
  const created = Math.floor(Date.now() / 1000) - 90_000;
  const day = dayOf(created * 1000);
  const asked = { images: 4, amount: 80_000, currency: 'USD' };
  const reservation = { attempt: 'a', day, budget: true, running: 'silent' } as const;
  const record = taskRecord({ owner: 'silent', created, asked, attempt: 'a', reservation });
  await put(usageTable, { owner: 'silent', entry: runningEntry('silent'), images: 4 });
  await put(usageTable, { owner: 'silent', entry: monthEntry(day), images: 4, amount_USD: 80_000 });
  await put(system.tasksTable, record);

  const ended = await eventually(async () => {
    const found = await system.record(record.id);
    return found?.status === 'failed' ? found : undefined;
  }, 'the check');

  expect(ended).toMatchObject({
    error: { code: 'provider_timeout' },
    charge: { ...asked, source: 'reserved', budget_day: day },
  });
  expect(ended).not.toHaveProperty('reservation');
  expect(await countersOf('silent', runningEntry('silent'))).toEqual({ images: 0 });
  expect(await countersOf('silent', monthEntry(day))).toEqual({ images: 4, amount_USD: 80_000 });
});

describe('the ledger and the counters are what the records say', () => {
  const tables = usageTables(UsageOutputs.parse(system.cloud.outputs));
  const differencesOf = async (owner: string) =>
    (await verifyAll(system.dynamodb, tables, false)).verification.differences.filter(
      (difference) => difference.owner === owner,
    );

  test.each([
    ['Submit', 'TransactWriteItems', 'before'],
    ['Submit', 'TransactWriteItems', 'after'],
    ['Callback', 'TransactWriteItems', 'before'],
    ['Callback', 'TransactWriteItems', 'after'],
    ['Publish', 'PutEvents', 'before'],
    ['UsageLedger', 'TransactWriteItems', 'before'],
    ['UsageLedger', 'TransactWriteItems', 'after'],
  ] as const)('although %s dies at %s, %s it took effect', async (fn, operation, when) => {
    const owner = `dies-${fn}-${when}`.toLowerCase();
    const headers = await ownerWith(owner, { images_per_day: 9 }, { images_at_once: 9 });
    const died = dieAt(system.cloud, fn, operation, when);

    const { status, body } = await system.submit(textToImage(owner, { n: 2 }), headers);
    await died;
    // Not to wait for the queue's own visibility time-out, which is what brings the message back.
    system.cloud.queue('CallbacksQueue').makeAllVisible();
    if (status === 200) await system.ended(body.id, headers);

    await eventually(async () => (await differencesOf(owner)).length === 0, 'the ledger to be whole');
    const records = (await system.records()).filter((record) => record.owner === owner);
    expect(records).toHaveLength(fn === 'Submit' && when === 'before' ? 0 : 1);
    expect(await month(owner)).toMatchObject(records.length === 0 ? {} : { images: 2 });
  });
});
