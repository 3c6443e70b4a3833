/** What must hold of counters and charges at every moment of a run: they tell what the records do, and nothing else. */
import type { Reservation, TaskRecord } from '../../shared/task/record.ts';
import type { Terms } from './terms.ts';
import type { TaskTruth } from './truth.ts';

/** Of the usage table, with its keys. */
export type Row = Readonly<Record<string, unknown>>;

type Sums = Map<string, number>;
const add = (sums: Sums, name: string, value: number) => sums.set(name, (sums.get(name) ?? 0) + value);

/** @returns counters that are not the sum of open reservations and of charges */
export function brokenCounters(records: readonly TaskRecord[], rows: readonly Row[]): string[] {
  const expected: Sums = new Map();
  for (const { asked, reservation, charge } of records) {
    if (asked && reservation?.budget) addTo(expected, reservation.day, asked);
    if (asked && reservation?.running) add(expected, `running#${reservation.running} images`, asked.images);
    if (charge?.budget_day) addTo(expected, charge.budget_day, charge);
  }
  const found: Sums = new Map(
    rows
      .filter(({ entry }) => /^(month|running)#/.test(String(entry)))
      .flatMap(({ owner: _, told: __, entry, ...counters }) =>
        Object.entries(counters).map(([name, value]) => [`${entry} ${name}`, Number(value)] as const),
      ),
  );
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names].flatMap((name) => {
    const [is, should] = [found.get(name) ?? 0, expected.get(name) ?? 0];
    return is === should ? [] : [`${name} is ${is}, and the records hold ${should}`];
  });
}

interface Quantity {
  readonly images: number;
  readonly amount?: number;
  readonly currency?: string;
}

function addTo(sums: Sums, day: string, { images, amount, currency }: Quantity): void {
  const month = `month#${day.slice(0, 7)}`;
  const ofDay = `d${day.slice(8)}`;
  add(sums, `${month} images`, images);
  add(sums, `${month} ${ofDay}_images`, images);
  if (amount === undefined) return;
  add(sums, `${month} amount_${currency}`, amount);
  add(sums, `${month} ${ofDay}_amount_${currency}`, amount);
}

/** @returns the counter that this reservation has taken beyond its limit, or nothing */
export function exceededBy(
  { day, running }: Reservation,
  rows: readonly Row[],
  { caller, budget = {} }: Terms,
): string | undefined {
  const month = `month#${day.slice(0, 7)}`;
  const ofDay = `d${day.slice(8)}`;
  const limits: [entry: string, counter: string, limit: number | undefined][] = [
    [month, 'images', budget.images_per_month],
    [month, `${ofDay}_images`, budget.images_per_day],
    [month, 'amount_USD', budget.amount_per_month],
    [month, `${ofDay}_amount_USD`, budget.amount_per_day],
    [`running#${running}`, 'images', caller.limits?.images_at_once],
  ];
  const exceeded = limits.find(([entry, counter, limit = Number.POSITIVE_INFINITY]) =>
    rows.some((row) => row.entry === entry && Number(row[counter] ?? 0) > limit),
  );
  return exceeded && `${exceeded[2]} in ${exceeded[0]} ${exceeded[1]}`;
}

/** @returns what is wrong with what an ended task is charged, or nothing */
export function wrongCharge({ images }: TaskTruth, record: TaskRecord): string | undefined {
  const { charge, asked, error, submission, status } = record;
  if (!charge || !asked) return 'nothing that is known';
  if (record.reservation) return `${charge.images} images, and still has them reserved`;
  const code = error?.code ?? '';
  const isGivenUp = code === 'provider_timeout' || code === 'outcome_unrecorded';
  const made = status === 'completed' || code === 'results_lost' ? images.length : 0;
  const expected = submission === 'refused' ? 0 : isGivenUp ? asked.images : made;
  return charge.images === expected ? undefined : `${charge.images} images, and not ${expected}`;
}
