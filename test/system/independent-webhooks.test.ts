/**
 * 100 healthy receivers are served while 100 dead ones are retried. That none waits for another is shown by what is
 * open at the same moment; how long it took is printed, and no test's matter on a busy machine
 * (test/functions/deliver/independence.test.ts has the figure in virtual time).
 */
import { afterAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Answer, nobody, type Seen, serve } from '../support/server.ts';
import { startSystem, textToImage } from './system.ts';

const RECEIVERS = 100;
const AT_ONCE = 10;

const system = await startSystem();

/** Attempts that hang just now. */
let hanging = 0;
const hang: Answer = (response) => {
  hanging += 1;
  response.on('close', () => {
    hanging -= 1;
  });
};

async function receiver(answer: (seen: Seen) => Answer): Promise<string> {
  const server = await serve(answer);
  afterAll(() => server.close());
  return server.url;
}

/** In turn: one that hangs, one that nobody is at, one that fails. */
const deadReceiver = (nth: number): Promise<string> =>
  [() => receiver(() => hang), nobody, () => receiver(() => ({ status: 500 }))][nth % 3]!();

async function submitAll(urls: readonly string[], prompt: string): Promise<string[]> {
  const ids: string[] = [];
  for (let sent = 0; sent < urls.length; sent += AT_ONCE) {
    const answers = await Promise.all(
      urls
        .slice(sent, sent + AT_ONCE)
        .map((callback_url, nth) => system.submit(textToImage(`${prompt} ${sent + nth}`, { callback_url }))),
    );
    ids.push(...answers.map(({ body }) => body.id));
  }
  return ids;
}

const webhooksOf = async (ids: readonly string[]) => {
  const records = new Map((await system.records()).map((record) => [record.id, record]));
  return ids.map((id) => records.get(id)?.webhook);
};

test('100 healthy receivers get theirs at the first attempt while 100 dead ones are retried', async () => {
  const ended = new Map<string, number>();
  const waited: number[] = [];
  const hangingMeanwhile: number[] = [];
  system.cloud.onEvent(({ detail }) => ended.set((detail as { id: string }).id, Date.now()));
  const deadUrls = await Promise.all(Array.from({ length: RECEIVERS }, (_, nth) => deadReceiver(nth)));
  const healthyUrls = await Promise.all(
    Array.from({ length: RECEIVERS }, () =>
      receiver(({ headers }) => {
        waited.push(Date.now() - ended.get(String(headers['webhook-id']))!);
        hangingMeanwhile.push(hanging);
        return { status: 200 };
      }),
    ),
  );
  const dead = await submitAll(deadUrls, 'dead receiver');
  await eventually(
    async () => (await webhooksOf(dead)).every((webhook) => webhook && webhook.attempts >= 1),
    'a first attempt at each dead receiver',
  );
  const attemptsBefore = attemptsOf(await webhooksOf(dead));

  const healthy = await submitAll(healthyUrls, 'healthy receiver');
  await eventually(() => waited.length >= RECEIVERS, 'every healthy receiver’s webhook');
  const deadThen = await webhooksOf(dead);
  const delivered = await eventually(async () => {
    const webhooks = await webhooksOf(healthy);
    return webhooks.every((webhook) => webhook?.status === 'delivered') && webhooks;
  }, 'every healthy receiver’s state');

  await eventually(
    async () => attemptsOf(await webhooksOf(dead)) > attemptsBefore,
    'further attempts at dead receivers',
  );

  const sorted = waited.toSorted((a, b) => a - b);
  console.log(
    `from the event to the receiver: median ${sorted[RECEIVERS / 2 - 1]} ms, p95 ${sorted[94]} ms, longest ${sorted.at(-1)} ms;`,
    `${attemptsOf(deadThen) - attemptsBefore} retries meanwhile, ${Math.min(...hangingMeanwhile)}–${Math.max(...hangingMeanwhile)} attempts hanging`,
  );
  expect(delivered.map((webhook) => webhook?.attempts)).toEqual(Array.from({ length: RECEIVERS }, () => 1));
  expect(new Set(deadThen.map((webhook) => webhook?.status))).toEqual(new Set(['pending']));
  expect(Math.max(...hangingMeanwhile)).toBeGreaterThan(0);
  expect((await system.records()).every(({ status }) => status === 'completed')).toBe(true);
});

const attemptsOf = (webhooks: readonly ({ readonly attempts: number } | undefined)[]): number =>
  webhooks.reduce((sum, webhook) => sum + (webhook?.attempts ?? 0), 0);
