/** Many submits of one owner at once over the simulated table, whose transactions meet one another (a failure prints its seed). */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { taskStore } from '../../shared/task/store.ts';
import { dayOf, monthEntry } from '../../shared/usage/rows.ts';
import { randomFrom } from '../support/random.ts';
import { CREATED, taskRecord } from '../support/records.ts';
import { SimulatedTable } from './services/table.ts';

const SUBMITS = 200;
const seed = Date.now() % 1_000_000;

test.each([0, 0.3, 0.6])(
  `200 submits for 50 images reserve exactly 50, when %f of the transactions meet another one (seed ${seed})`,
  async (share) => {
    const random = randomFrom(seed);
    const table = new SimulatedTable(undefined, () => random() < share);
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    const send = async (command: object) => {
      for (let turns = Math.floor(random() * 4); turns > 0; turns--) await turn();
      return table.perform(command);
    };
    const store = taskStore({ send } as unknown as DynamoDBClient, 'tasks', {
      name: 'usage',
      pause: turn,
      random,
    });
    const day = dayOf(CREATED * 1000);
    const records = Array.from({ length: SUBMITS }, (_, nth) =>
      taskRecord({
        owner: 'crowd',
        attempt: `a-${nth}`,
        asked: { images: 1 },
        reservation: { attempt: `a-${nth}`, day, budget: true },
      }),
    );

    const written = await Promise.all(
      records.map((record) => store.putIntent(record, { budget: { images_per_month: 50 } })),
    );

    const kinds = Map.groupBy(written, ({ kind }) => kind);
    expect(kinds.get('written')).toHaveLength(50);
    // One that others were in the way of every time is told to come again; with so many tries that is rare.
    expect((kinds.get('over')?.length ?? 0) + (kinds.get('contended')?.length ?? 0)).toBe(150);
    expect(table.items.size).toBe(50);
    expect(table.usage.get(`crowd ${monthEntry(day)}`)?.images).toEqual({ N: '50' });
  },
);
