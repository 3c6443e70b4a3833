/**
 * The same task otherwise: by who waits for the provider. What all have in common (the request, the records, the images, the
 * events, the logs of a function that works) is taken from our own bill; what they need instead of callback, timer and
 * queue is counted here by hand.
 */
import { assumed, type Bill, total } from './bill.ts';
import { prices } from './prices.ts';

/** From the create to the outcome, at the provider. */
export const GENERATION_SECONDS = 30;
const POLL_SECONDS = 5;
const POLLS = GENERATION_SECONDS / POLL_SECONDS;
/** A function that reads a status, or sleeps; the one that also keeps images has 512 MB. */
const SMALL_GB = 0.25;
const LARGE_GB = 0.5;
/** What a function that reads a status logs: Lambda's three lines and one of its own. */
const POLL_LOG_BYTES = 600;
/** Express Workflows bill memory in chunks of 64 MB. */
const EXPRESS_GB = 64 / 1024;

export interface Alternative {
  readonly name: string;
  /** USD a million tasks. */
  readonly usd: number;
  readonly how: string;
}

/** What exists for the callback alone: its request to the ingress, its queue, the overdue timer. */
const ofCallbacks = ['SQS, FIFO', 'SQS, standard'];

/** @param bill of a task at a provider that calls back */
export function alternatives(bill: Bill): readonly Alternative[] {
  const shared = total(bill) - total(pick(bill, ofCallbacks)) - 1e6 * prices.httpApi.usd;
  const read = assumed.statusRead / 1000;
  const poll =
    prices.lambdaRequest.usd +
    SMALL_GB * read * prices.lambdaSecond.usd +
    POLL_LOG_BYTES * prices.logByte.usd;
  const million = (usd: number) => shared + 1e6 * usd;
  const states = 3 * POLLS + 2;
  return [
    {
      name: `Lambda polls every ${POLL_SECONDS} s, requeued`,
      usd: million(POLLS * (poll + 3 * prices.sqsStandard.usd)),
      how: `${POLLS} invocations of ${SMALL_GB * 1024} MB for ${assumed.statusRead} ms; a message sent, received and deleted for each`,
    },
    {
      name: 'Step Functions Standard',
      usd: million(states * prices.transition.usd + POLLS * poll),
      how: `${states} transitions: create, ${POLLS} times wait, read and choose, keep; a function reads`,
    },
    {
      name: 'Step Functions Standard, with a task token',
      usd: million(4 * prices.transition.usd + prices.httpApi.usd + prices.lambdaRequest.usd),
      how: '4 transitions: create, wait for the token, keep, end; the callback goes through a function',
    },
    {
      name: 'Step Functions Express',
      usd: million(
        prices.expressRequest.usd + GENERATION_SECONDS * EXPRESS_GB * prices.expressSecond.usd + POLLS * poll,
      ),
      how: `${GENERATION_SECONDS} s of 64 MB; a function reads ${POLLS} times. A workflow ends after five minutes, whatever the provider does`,
    },
    {
      name: 'A Lambda that sleeps through',
      usd: million(GENERATION_SECONDS * LARGE_GB * prices.lambdaSecond.usd),
      how: `${GENERATION_SECONDS} s of ${LARGE_GB * 1024} MB; a task that takes longer than 15 minutes is lost`,
    },
  ];
}

const pick = (bill: Bill, services: readonly string[]): Bill =>
  Object.fromEntries(Object.entries(bill).filter(([service]) => services.includes(service)));
