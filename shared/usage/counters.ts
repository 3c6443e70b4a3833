/**
 * How a task moves its owner's and its key's counters. Each move goes into the transaction that writes the record, so a
 * counter never tells anything else than the records do.
 *
 *   reserve   + asked              if the sum stays within the budget, and the limit on images at once
 *   settle    + charge − asked     on the day of the reservation; the images at once are free again
 *   release   − asked              a settlement of nothing
 */
import type { Update } from '@aws-sdk/client-dynamodb';
import { attributesOf } from '../task/attributes.ts';
import type { Charge, Reservation, TaskRecord } from '../task/record.ts';
import { amountCounters, type Budget, imageCounters, monthEntry, runningEntry } from './rows.ts';

/** What of a record the counters need. */
export type Holder = Pick<TaskRecord, 'owner' | 'asked' | 'reservation'>;

/** Within what a reservation has to stay. */
export interface Hold {
  readonly budget?: Budget | undefined;
  readonly imagesAtOnce?: number | undefined;
}

export type Counter = 'budget' | 'running';

export interface CounterMove {
  readonly counter: Counter;
  readonly update: Update;
}

/** @returns nothing when there is nothing to hold: then no counter moves */
export function reservationOf(
  attempt: string,
  day: string,
  keyId: string,
  hold: Hold,
): Reservation | undefined {
  const budget = hold.budget !== undefined;
  const running = hold.imagesAtOnce !== undefined && keyId;
  if (!budget && !running) return undefined;
  return { attempt, day, ...(budget && { budget }), ...(running && { running }) };
}

/** @param table the usage table's name */
export function reserve(table: string, holder: Holder, { budget, imagesAtOnce }: Hold): CounterMove[] {
  const { owner, asked = { images: 0 }, reservation } = holder;
  const sums = sumsOf(asked, 1);
  return [
    ...(reservation?.budget
      ? [monthMove(table, owner, reservation.day, sums, roomIn(budget ?? {}, reservation.day, sums))]
      : []),
    ...(reservation?.running
      ? [runningMove(table, owner, reservation.running, asked.images, imagesAtOnce)]
      : []),
  ];
}

/** @param charge nothing: it is released */
export function settle(table: string, holder: Holder, charge: Charge | undefined): CounterMove[] {
  const { owner, asked = { images: 0 }, reservation } = holder;
  const sums = sumsOf(charge ?? { images: 0 }, 1, sumsOf(asked, -1));
  const moves = [...sums.values()].some((sum) => sum !== 0);
  return [
    ...(reservation?.budget && moves ? [monthMove(table, owner, reservation.day, sums)] : []),
    ...(reservation?.running ? [runningMove(table, owner, reservation.running, -asked.images)] : []),
  ];
}

const IMAGES = '';
/** By currency; images have none. */
type Sums = ReadonlyMap<string, number>;

function sumsOf(
  of: Pick<Charge, 'images' | 'amount' | 'currency'>,
  sign: 1 | -1,
  to: Sums = new Map(),
): Sums {
  const sums = new Map(to);
  const add = (unit: string, value: number) => sums.set(unit, (sums.get(unit) ?? 0) + sign * value);
  add(IMAGES, of.images);
  if (of.amount !== undefined && of.currency !== undefined) add(of.currency, of.amount);
  return sums;
}

const countersOf = (unit: string, day: string) =>
  unit === IMAGES ? imageCounters(day) : amountCounters(day, unit);

/** What a counter may hold at most, so that there is room for what is added. */
type Room = ReadonlyMap<string, number>;

function roomIn(budget: Budget, day: string, sums: Sums): Room {
  const { images_per_day, images_per_month, amount_per_day, amount_per_month, currency = '' } = budget;
  const images = imageCounters(day);
  const amounts = amountCounters(day, currency);
  const limits: [string, number | undefined, string][] = [
    [images.month, images_per_month, IMAGES],
    [images.day, images_per_day, IMAGES],
    [amounts.month, amount_per_month, currency],
    [amounts.day, amount_per_day, currency],
  ];
  return new Map(
    limits.flatMap(([name, limit, unit]) =>
      limit === undefined ? [] : [[name, limit - (sums.get(unit) ?? 0)] as const],
    ),
  );
}

function monthMove(
  table: string,
  owner: string,
  day: string,
  sums: Sums,
  room: Room = new Map(),
): CounterMove {
  const additions = [...sums].flatMap(([unit, sum]) => {
    const { month, day: ofDay } = countersOf(unit, day);
    return [[month, sum] as const, [ofDay, sum] as const];
  });
  return { counter: 'budget', update: addition(table, owner, monthEntry(day), new Map(additions), room) };
}

function runningMove(
  table: string,
  owner: string,
  keyId: string,
  images: number,
  most?: number | undefined,
): CounterMove {
  const room = new Map(most === undefined ? [] : [['images', most - images] as const]);
  const sums = new Map([['images', images]]);
  return { counter: 'running', update: addition(table, owner, runningEntry(keyId), sums, room) };
}

/** A counter that is not there yet has room for whatever the limit allows: that was seen to before. */
function addition(table: string, owner: string, entry: string, sums: Sums, room: Room): Update {
  const names = [...new Set([...sums.keys(), ...room.keys()])];
  const placeholder = (name: string) => `#${names.indexOf(name)}`;
  const added = [...sums.keys()];
  const limited = [...room.keys()];
  const conditions = limited.map(
    (name, at) => `(attribute_not_exists(${placeholder(name)}) OR ${placeholder(name)} <= :room${at})`,
  );
  return {
    TableName: table,
    Key: attributesOf({ owner, entry }),
    UpdateExpression: `ADD ${added.map((name, at) => `${placeholder(name)} :sum${at}`).join(', ')}`,
    ...(conditions.length > 0 && {
      ConditionExpression: conditions.join(' AND '),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, at) => [`#${at}`, name])),
    ExpressionAttributeValues: attributesOf({
      ...Object.fromEntries(added.map((name, at) => [`:sum${at}`, sums.get(name)])),
      ...Object.fromEntries(limited.map((name, at) => [`:room${at}`, room.get(name)])),
    }),
  };
}
