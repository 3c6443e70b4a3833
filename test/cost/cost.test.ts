/** docs/cost.md is what the records and the prices say, and every number in it can be followed to one of them. */
import { describe, expect, test } from 'vitest';
import { textOf } from '../support/sources.ts';
import { alternatives } from './alternatives.ts';
import { billOf, durationMs, total } from './bill.ts';
import { cases } from './cases.ts';
import { itemBytes, readUnits, writeUnits } from './item-size.ts';
import type { Measured } from './measure.ts';
import { costPage } from './page.ts';
import { prices } from './prices.ts';
import { readCostRecords } from './records.ts';

const records = readCostRecords();
const now = records.at(-1)!;

test('the page is what the records and the prices make of it (npm run cost -- --page)', () => {
  expect(textOf('docs/cost.md')).toBe(costPage(records));
});

test('the records are in order of time, and the last one has every case', () => {
  expect(now.cases.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
  for (const { date } of records) expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(records.map(({ date }) => date)).toEqual(records.map(({ date }) => date).sort());
});

test('n images are n requests to S3, and nothing else depends on n but how large the record is', () => {
  const [one, four] = now.cases.map(({ used }) => used) as [Record<string, number>, Record<string, number>];
  const { 'S3.PutObject': puts, 'DynamoDB.writeUnits': units, 'logs.bytes': bytes, ...rest } = four;

  expect(puts).toBe(4);
  expect(units).toBeGreaterThanOrEqual(one['DynamoDB.writeUnits']!);
  expect(bytes).toBeLessThan(one['logs.bytes']! * 1.02);
  expect(one).toMatchObject(rest);
});

describe('a bill', () => {
  const measured = (used: object, functions: Measured['functions'] = {}): Measured => ({
    ...{ name: 'x', provider: 'evolink', images: 1 },
    used: used as Measured['used'],
    functions,
  });
  const nonzero = (bill: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(bill)
        .filter(([, usd]) => usd > 0)
        .map(([service, usd]) => [service, Number(usd.toFixed(4))]),
    );

  test.each<[Record<string, number>, Record<string, number>]>([
    [{ 'ApiGateway.Request': 2 }, { 'API Gateway': 2, 'CloudWatch, logs': 0.2328 }],
    [{ 'Lambda.Invoke': 5 }, { 'Lambda, requests': 1 }],
    [{ 'SQS.SendMessage': 1, 'SQS.ReceiveMessage': 2, 'SQS.fifo': 3 }, { 'SQS, FIFO': 1.5 }],
    [
      { 'SQS.SendMessage': 2, 'SQS.ReceiveMessage': 2, 'SQS.fifo': 3 },
      { 'SQS, FIFO': 1.5, 'SQS, standard': 0.4 },
    ],
    [{ 'DynamoDB.PutItem': 1, 'DynamoDB.writeUnits': 4 }, { 'DynamoDB, writes of the tables': 2.5 }],
    [{ 'DynamoDB.indexWriteUnits': 1 }, { 'DynamoDB, writes of the index': 0.625 }],
    [{ 'DynamoDB.GetItem': 3, 'DynamoDB.readUnits': 3 }, { 'DynamoDB, reads': 0.375 }],
    [{ 'EventBridge.PutEvents': 1, events: 2 }, { EventBridge: 2 }],
    [{ 'S3.PutObject': 4 }, { 'S3, PUT': 20 }],
    [{ 'logs.bytes': 2 ** 20 }, { 'CloudWatch, logs': 488.2813 }],
  ])('of %o', (used, usd) => {
    expect(nonzero(billOf(measured(used), used))).toEqual(usd);
  });

  test('a function is billed for what it waits and for what it works, the longer the smaller it is', () => {
    const use = { memoryMb: 512, invocations: 1, processorMs: 10, requests: { 'DynamoDB.GetItem': 2 } };

    expect(durationMs('Submit', use)).toBeCloseTo(500 + 2 * 10 + 10 * (1769 / 512), 6);
    const bill = billOf(measured({}, { Submit: use }), {});
    expect(total(bill)).toBeCloseTo(
      (0.5 * durationMs('Submit', use) * prices.lambdaSecond.usd * 1e6) / 1000,
      6,
    );
  });
});

test('every request that is counted is priced, or known to be none of its own', () => {
  const priced = /^(ApiGateway\.Request|Lambda\.Invoke|SQS\.\w+|S3\.PutObject|events|logs\.bytes)$/;
  const byUnit = /^(DynamoDB\.\w+|EventBridge\.PutEvents)$/;
  const units = [...now.cases, now.forged].flatMap(({ used }) => Object.keys(used));

  expect(units.filter((unit) => !priced.test(unit) && !byUnit.test(unit))).toEqual([]);
});

test('every other way to wait is dearer', () => {
  const bill = billOf(now.cases[0]!, now.cases[0]!.used);
  for (const { usd } of alternatives(bill)) expect(usd).toBeGreaterThan(total(bill));
});

test('an item is as large as DynamoDB says', () => {
  expect(itemBytes({ id: { S: 'é' }, n: { N: '1767323045' }, b: { BOOL: true } })).toBe(
    2 + 2 + 1 + 6 + 1 + 1,
  );
  expect(itemBytes({ m: { M: { a: { S: 'xy' } } } })).toBe(1 + 3 + 1 + 1 + 2);
  expect(itemBytes({ l: { L: [{ N: '-100' }, { NULL: true }] } })).toBe(1 + 3 + (1 + 2) + (1 + 1));
  expect([0, 1, 1024, 1025].map(writeUnits)).toEqual([1, 1, 1, 2]);
  expect([0, 4096, 4097].map(readUnits)).toEqual([1, 1, 2]);
});
