/** A threshold is told once, and noted only when it was told. */
import type { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { announceThresholds } from '../../../functions/ledger/announce-thresholds.ts';
import { CREATED, taskRecord } from '../../support/records.ts';
import { keptTelemetry } from '../../support/telemetry.ts';

const DAY = '2026-01-02';
const held = taskRecord({ reservation: { attempt: 'a', day: DAY, budget: true } });
const settled = taskRecord({ charge: { images: 1, source: 'prices', budget_day: DAY } });
const MARK_80 = `day_${DAY}_images_10_80`;
const MARK_100 = `day_${DAY}_images_10_100`;

/** An owner with 10 images a day, of which so many are used. */
function dependencies(used: number, { told = [], fails = false }: { told?: string[]; fails?: boolean } = {}) {
  const steps: string[] = [];
  const send = async ({ input: { Entries = [] } }: PutEventsCommand) => {
    if (fails) throw new Error('the bus is down');
    steps.push(...Entries.map(({ Detail = '' }) => `told ${JSON.parse(Detail).budget.percent}`));
    return { Entries: Entries.map(() => ({ EventId: 'e' })) };
  };
  const bus = {
    client: { send } as unknown as EventBridgeClient,
    busName: 'wanhook',
    telemetry: keptTelemetry(),
    pause: async () => undefined,
  };
  const budgets = {
    budgetOf: async () => ({ images_per_day: 10 }),
    monthOf: async () => ({ counters: { d02_images: used, images: used }, told: new Set(told) }),
    noteTold: async (_owner: string, _day: string, marks: readonly string[]) => {
      steps.push(`noted ${marks.join(' ')}`);
    },
  };
  return { steps, given: { bus, budgets, now: () => CREATED * 1000 } };
}

test.each([
  ['below the first', 7, [], []],
  ['at 80 %', 8, [], ['told 80', `noted ${MARK_80}`]],
  ['at 80 %, told', 9, [MARK_80], []],
  ['at 100 %, of which 80 was told', 10, [MARK_80], ['told 100', `noted ${MARK_100}`]],
  ['over both at once', 12, [], ['told 80', 'told 100', `noted ${MARK_80} ${MARK_100}`]],
  ['all told', 12, [MARK_80, MARK_100], []],
])('%s', async (_, used, told, expected) => {
  const { steps, given } = dependencies(used, { told });

  await announceThresholds(given, [held, settled]);

  expect(steps).toEqual(expected);
});

test('what is not on the bus is not noted, and the batch comes again', async () => {
  const { steps, given } = dependencies(8, { fails: true });

  await expect(announceThresholds(given, [held])).rejects.toThrow('the bus is down');
  expect(steps).toEqual([]);
});

test('without anything that a budget holds, nobody is asked', async () => {
  const { steps, given } = dependencies(10);

  await announceThresholds(given, [taskRecord()]);

  expect(steps).toEqual([]);
});
