/**
 * What can be made to go wrong, as data. Faults on a request strike when it arrives; all others are fixed when the
 * task is created. Their strings may hold placeholders, see `placeholders.ts`.
 */
import * as z from 'zod';
import { answerFaults } from './answer.ts';
import { callbackFaults } from './callback.ts';
import { outcomeFaults } from './outcome.ts';
import { pictureFaults } from './picture.ts';
import { requestFaults } from './request.ts';

export const faultSchema = z.discriminatedUnion('kind', [
  ...requestFaults,
  ...outcomeFaults,
  ...answerFaults,
  ...callbackFaults,
  ...pictureFaults,
]);
export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

const requestKinds: readonly FaultKind[] = requestFaults.map(({ shape }) => shape.kind.value);

export function isRequestFault({ kind }: Fault): boolean {
  return requestKinds.includes(kind);
}

/** Faults that no provider has unless its protocol names them. */
const special: readonly FaultKind[] = ['empty-id', 'completed-at-once', 'spelling'];

/** Whether a provider can have this fault: a rule for one that cannot would never strike. */
export function canHave(
  { callsBack, ownFaults }: { callsBack: boolean; ownFaults: readonly FaultKind[] },
  kind: FaultKind,
): boolean {
  if (kind.startsWith('callback-')) return callsBack;
  return !special.includes(kind) || ownFaults.includes(kind);
}

/** The first fault of that kind, or undefined. */
export function faultOf<K extends FaultKind>(faults: readonly Fault[], kind: K): FaultOf<K> | undefined {
  return faults.find((fault): fault is FaultOf<K> => fault.kind === kind);
}
