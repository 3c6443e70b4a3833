/** How metrics are kept, and what an alarm makes of them. */
import { describe, expect, test } from 'vitest';
import { type Condition, evaluateAlarm } from '../../../../../infra/local/cloud/cloudwatch/alarm.ts';
import { MetricStore } from '../../../../../infra/local/cloud/cloudwatch/metric-store.ts';
import { type MetricQuery, metricQuery } from '../../../../../infra/local/cloud/cloudwatch/queries.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 2, 12, 30, 20);
const minutesAgo = (minutes: number) => NOW - minutes * MINUTE;
const idOf = (name: string) => ({ namespace: 'Test', name, dimensions: {} });

/** @param values by how many minutes ago they were measured */
function storeOf(values: Readonly<Record<number, number>>, name = 'Failed'): MetricStore {
  const store = new MetricStore();
  for (const [minutes, value] of Object.entries(values)) {
    store.record(idOf(name), value, minutesAgo(Number(minutes)));
  }
  return store;
}

const query = (Id: string, MetricName: string, more: object = {}): MetricQuery =>
  metricQuery.parse({
    Id,
    MetricStat: { Metric: { Namespace: 'Test', MetricName }, Period: 300, Stat: 'Sum' },
    ...more,
  });

const condition = (more: Partial<Condition> = {}): Condition => ({
  isOfOneMetric: true,
  queries: [query('m', 'Failed')],
  threshold: 3,
  comparison: 'GreaterThanOrEqualToThreshold',
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  missingData: 'notBreaching',
  ...more,
});

const stateOf = (store: MetricStore, more: Partial<Condition> = {}) =>
  evaluateAlarm(store, condition(more), NOW).state;

test('values of one minute are one datapoint, whatever their order; a day and two hours are kept', () => {
  const store = new MetricStore();
  for (const [minutes, value] of [
    [3, 5],
    [1, 2],
    [3, 1],
    [2, 7],
    [27 * 60, 9],
  ] as const) {
    store.record(idOf('Failed'), value, minutesAgo(minutes));
  }
  store.record(idOf('Failed'), 4, minutesAgo(1));
  const from = Date.UTC(2026, 0, 1, 0);

  expect(store.datapoints(idOf('Failed'), from, NOW, MINUTE)).toEqual([
    { at: Date.UTC(2026, 0, 2, 12, 27), sum: 6, count: 2, minimum: 1, maximum: 5 },
    { at: Date.UTC(2026, 0, 2, 12, 28), sum: 7, count: 1, minimum: 7, maximum: 7 },
    { at: Date.UTC(2026, 0, 2, 12, 29), sum: 6, count: 2, minimum: 2, maximum: 4 },
  ]);
  expect(store.datapoints({ ...idOf('Failed'), dimensions: { a: 'b' } }, from, NOW, MINUTE)).toEqual([]);
});

describe('the state of an alarm', () => {
  test.each([
    ['nothing measured', {}, {}, 'OK'],
    ['below the threshold', { 1: 2 }, {}, 'OK'],
    ['at the threshold, within one period', { 0: 1, 4: 2 }, {}, 'ALARM'],
    ['at the threshold, but before the period', { 5: 3 }, {}, 'OK'],
    ['above only', { 1: 3 }, { comparison: 'GreaterThanThreshold' }, 'OK'],
    [
      'two periods, and only one of them breaching',
      { 1: 3 },
      { evaluationPeriods: 2, datapointsToAlarm: 2 },
      'OK',
    ],
    ['two periods, both breaching', { 1: 3, 6: 3 }, { evaluationPeriods: 2, datapointsToAlarm: 2 }, 'ALARM'],
    ['one of two periods is enough', { 6: 3 }, { evaluationPeriods: 2, datapointsToAlarm: 1 }, 'ALARM'],
    ['nothing measured, and that is missing', {}, { missingData: 'missing' }, 'INSUFFICIENT_DATA'],
    ['nothing measured, and that breaches', {}, { missingData: 'breaching' }, 'ALARM'],
  ] as const)('%s', (_, values, more, state) => {
    expect(stateOf(storeOf(values), more)).toBe(state);
  });

  test('a sum over metrics counts those that have nothing as zero', () => {
    const store = storeOf({ 1: 2 }, 'One');
    store.record(idOf('Two'), 1, minutesAgo(2));
    const sum = metricQuery.parse({ Id: 'sum', Expression: 'SUM([FILL(m0, 0),FILL(m1, 0)])' });
    const hidden = { ReturnData: false };
    const queries = [sum, query('m0', 'One', hidden), query('m1', 'Two', hidden)];

    expect(stateOf(store, { queries })).toBe('ALARM');
    expect(stateOf(store, { queries, threshold: 4 })).toBe('OK');
    expect(stateOf(storeOf({ 1: 3 }, 'Two'), { queries })).toBe('ALARM');
    expect(stateOf(new MetricStore(), { queries, missingData: 'missing' })).toBe('INSUFFICIENT_DATA');
  });

  test('an expression that is not known is refused', () => {
    expect(() => metricQuery.parse({ Id: 'e', Expression: 'ANOMALY_DETECTION_BAND(m0)' })).toThrow(/SUM/);
  });
});
