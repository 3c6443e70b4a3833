/** Lives of tasks as the ledger sees them: the states of one record, one after the other. */
import fc from 'fast-check';
import type { Charge, EndStatus, Submission, TaskRecord } from '../../../shared/task/record.ts';
import type { LedgerRecord } from '../../../shared/usage/ledger-rows.ts';
import { CREATED } from '../../support/records.ts';

const DAY = 86_400;
const money = fc.integer({ min: 0, max: 5_000_000 });
const images = fc.integer({ min: 0, max: 8 });
const currency = fc.constantFrom('USD', 'credits');

const asked: fc.Arbitrary<TaskRecord['asked']> = fc.option(
  fc.oneof(fc.record({ images }), fc.record({ images, amount: money, currency })),
  { nil: undefined },
);

const charge: fc.Arbitrary<Charge | undefined> = fc.option(
  fc.oneof(
    fc.record({ images, source: fc.constant('provider' as const) }),
    fc.record({
      images,
      amount: money,
      currency,
      source: fc.constantFrom('provider', 'prices', 'reserved', 'none'),
    }),
  ),
  { nil: undefined },
);

type Step =
  | { readonly kind: 'submission'; readonly submission: Submission }
  | { readonly kind: 'progress'; readonly progress: number }
  | {
      readonly kind: 'end';
      readonly status: EndStatus;
      readonly charge: Charge | undefined;
      readonly lost: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('submission' as const),
    submission: fc.constantFrom<Submission[]>('unconfirmed', 'accepted', 'refused'),
  }),
  fc.record({ kind: fc.constant('progress' as const), progress: fc.integer({ min: 0, max: 100 }) }),
  fc.record({
    kind: fc.constant('end' as const),
    status: fc.constantFrom<EndStatus[]>('completed', 'failed'),
    charge,
    lost: fc.integer({ min: 0, max: 2 }),
  }),
);

export type LifeState = LedgerRecord & Pick<TaskRecord, 'progress'>;

/** All states of one task; what comes after its end changes nothing but its progress. */
export const life = fc
  .record({
    owner: fc.constantFrom('acme', 'umbrella'),
    key_id: fc.constantFrom('key_1', 'key_2'),
    model: fc.constantFrom('wan2.5-text-to-image', 'wan26_i2i'),
    created: fc.constantFrom(CREATED, CREATED + DAY, CREATED + 40 * DAY),
    metadata: fc.dictionary(fc.constantFrom('team', 'order'), fc.string({ maxLength: 3 })),
    asked,
    steps: fc.array(step, { maxLength: 6 }),
  })
  .map(({ steps, asked: given, ...rest }): LifeState[] => {
    const first: LifeState = {
      ...rest,
      status: 'pending',
      submission: 'unconfirmed',
      progress: 0,
      ...(given && { asked: given }),
    };
    const states = [first];
    for (const one of steps) states.push(next(states.at(-1)!, one));
    return states;
  });

function next(state: LifeState, one: Step): LifeState {
  const isOver = state.status === 'completed' || state.status === 'failed';
  if (one.kind === 'progress') return { ...state, progress: one.progress };
  if (isOver) return state;
  if (one.kind === 'submission') return { ...state, submission: one.submission };
  const lost = Array.from({ length: one.lost }, (_, index) => ({ index, reason: 'gone' as const }));
  return { ...state, status: one.status, lost, ...(one.charge && { charge: one.charge }) };
}
