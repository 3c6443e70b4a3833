/** How a caller is told that its key or its owner may not ask for this now: nothing is recorded, and nothing is charged. */
import type { ProblemBody } from '../../shared/http/problem.ts';
import type { Asked } from '../../shared/task/record.ts';
import { amountOf } from '../../shared/usage/money.ts';
import { amountCounters, type Budget, dayOf, imageCounters } from '../../shared/usage/rows.ts';

export interface Denied {
  readonly kind: 'denied';
  readonly status: 400 | 402 | 403 | 429 | 503;
  readonly error: ProblemBody;
  readonly retryAfterSeconds?: number | undefined;
}

interface Denial extends ProblemBody {
  readonly status: Denied['status'];
  readonly retryAfterSeconds?: number | undefined;
}

const denied = ({ status, retryAfterSeconds, ...error }: Denial): Denied => ({
  kind: 'denied',
  status,
  error,
  retryAfterSeconds,
});

export const modelNotAllowed = (model: string, models: readonly string[]): Denied =>
  denied({
    status: 403,
    code: 'model_not_allowed',
    type: 'permission_error',
    message: `The key may not ask for ${model}; it may ask for ${models.join(', ') || 'no model'}`,
    param: 'model',
  });

const rateLimited = (message: string, retryAfterSeconds: number): Denied =>
  denied({
    status: 429,
    code: 'rate_limit_exceeded',
    type: 'rate_limit_error',
    message,
    retryAfterSeconds,
  });

/** @param now milliseconds since 1970 */
export const tooManyRequests = (limit: number, now: number): Denied =>
  rateLimited(
    `The key may send ${counted(limit, 'request')} a minute: send it again in the next one`,
    60 - (Math.floor(now / 1000) % 60),
  );

/** A task takes half a minute, so some images are free again soon. */
const IMAGES_FREE_AFTER_SECONDS = 10;

export const tooManyAtOnce = (asked: Asked, limit: number, running: number): Denied =>
  rateLimited(
    `The key may have ${counted(limit, 'image')} in work at once, ${running} are, and the request asks for ${asked.images}: send it again when some are done`,
    IMAGES_FREE_AFTER_SECONDS,
  );

/** Later would not help. */
export const moreThanAtOnce = (asked: Asked, limit: number): Denied =>
  denied({
    status: 400,
    code: 'invalid_parameters',
    type: 'invalid_request_error',
    message: `The request asks for ${asked.images} images, and the key may have ${counted(limit, 'image')} in work at once: ask for fewer`,
  });

const quotaExceeded = (message: string, retryAfterSeconds?: number): Denied =>
  denied({
    status: 402,
    code: 'quota_exceeded',
    type: 'insufficient_quota',
    message,
    retryAfterSeconds,
  });

export const withoutPrice = (model: string, currency = ''): Denied =>
  quotaExceeded(
    `The owner has a budget in ${currency}, and there is no price in ${currency} for ${model}, so the budget could not be kept: the operator can set one`,
  );

/** Few transactions of one owner are under way for longer. */
const CONTENDED_SECONDS = 2;

export const contended = (): Denied =>
  denied({
    status: 503,
    code: 'too_many_at_once',
    type: 'server_error',
    message:
      'Too many requests of this owner are being counted at this moment, and nothing was created: try again, with the same Idempotency-Key',
    retryAfterSeconds: CONTENDED_SECONDS,
  });

/**
 * @param used the row of the owner's month
 * @param now milliseconds since 1970
 * @returns nothing when there is room in every respect
 */
export function overBudget(
  budget: Budget,
  asked: Asked,
  used: Readonly<Record<string, unknown>>,
  now: number,
): Denied | undefined {
  const exceeded = measuresOf(budget, asked, dayOf(now)).filter(
    ({ limit, counter, wants }) => wants > limit - Number(used[counter] ?? 0),
  );
  // The month renews last.
  const worst = exceeded.find(({ period }) => period === 'month') ?? exceeded[0];
  if (!worst) return undefined;
  const { limit, counter, wants, period, say } = worst;
  const renewal = renewalOf(period, now);
  const left = Math.max(0, limit - Number(used[counter] ?? 0));
  const isEver = wants <= limit;
  return quotaExceeded(
    `The budget of ${say(limit)} a ${period} has ${say(left)} left, and the request may take ${say(wants)}: ${
      isEver ? `it renews at ${new Date(renewal).toISOString().replace('.000', '')}` : 'ask for less'
    }`,
    isEver ? Math.ceil((renewal - now) / 1000) : undefined,
  );
}

interface Measure {
  readonly period: 'day' | 'month';
  readonly limit: number;
  readonly counter: string;
  readonly wants: number;
  readonly say: (value: number) => string;
}

function measuresOf(budget: Budget, asked: Asked, day: string): Measure[] {
  const { images_per_day, images_per_month, amount_per_day, amount_per_month, currency = '' } = budget;
  const images = imageCounters(day);
  const amounts = amountCounters(day, currency);
  const ofImages = { wants: asked.images, say: (value: number) => counted(value, 'image') };
  const ofMoney = { wants: asked.amount ?? 0, say: (value: number) => `${amountOf(value)} ${currency}` };
  const all = [
    { period: 'day', limit: images_per_day, counter: images.day, ...ofImages },
    { period: 'month', limit: images_per_month, counter: images.month, ...ofImages },
    { period: 'day', limit: amount_per_day, counter: amounts.day, ...ofMoney },
    { period: 'month', limit: amount_per_month, counter: amounts.month, ...ofMoney },
  ] as const;
  return all.flatMap(({ limit, ...measure }) => (limit === undefined ? [] : [{ limit, ...measure }]));
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Days and months are those of UTC. */
function renewalOf(period: 'day' | 'month', now: number): number {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
}
