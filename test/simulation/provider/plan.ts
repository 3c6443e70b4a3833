/** How a provider treats one task: all that docs/providers.md allows, and what was seen beside it. */
import type { Faults } from '../faults.ts';

export type Lasting = keyof typeof lasting;
/** Milliseconds from the create to the end. */
export const lasting = {
  '30 s': 30_000,
  'no time': 1,
  '2 s': 2000,
  '10 min': 600_000,
  '5 h': 18_000_000,
  '23 h': 82_800_000,
  'for ever': Number.POSITIVE_INFINITY,
} as const;

export type End = 'completed' | 'failed' | 'cancelled' | 'completed, then failed' | 'failed, then completed';
export type CallbackBody =
  | 'as documented'
  | 'in a data wrapper'
  | 'with task_id for id'
  | 'without results'
  | 'with another id'
  | 'over 256 kB'
  | 'no JSON'
  | 'with characters that SQS refuses'
  | 'with 255 kB of usage';

export type ImageKind =
  | 'there'
  | 'late'
  | 'behind a redirect'
  | 'empty at first'
  | 'cut short at first'
  | 'fails for a while'
  | 'hangs for a while'
  | 'slow'
  | 'different each time'
  | 'cut short for good'
  | 'gone'
  | 'a page'
  | 'at a private address';

/** Everybody who asks for long enough gets these whole. */
const deliverable: ReadonlySet<ImageKind> = new Set<ImageKind>([
  'there',
  'late',
  'behind a redirect',
  'empty at first',
  'cut short at first',
  'fails for a while',
  'hangs for a while',
  'slow',
  'different each time',
]);
export const isDeliverable = (kind: ImageKind): boolean => deliverable.has(kind);
/** Something of these is worth keeping. */
export const isKeepable = (kind: ImageKind): boolean => isDeliverable(kind) || kind === 'cut short for good';

export interface Plan {
  readonly ms: number;
  readonly end: End;
  readonly images: readonly ImageKind[];
  readonly id: 'as documented' | 'a large number' | 'with odd characters';
  readonly callbacks: 'one' | 'none' | 'two' | 'three at once';
  readonly callbackBody: CallbackBody;
  readonly callbackDelayMs: number;
}

const delays = { 'at once': 0, 'after 20 min': 1_200_000, 'after 22 h': 79_200_000 } as const;
const counts = { one: 1, two: 2, four: 4, none: 0, forty: 40 } as const;

export function planOf(faults: Faults, task: string): Plan {
  const takes = faults.pick(`${task} takes`, '30 s', {
    'no time': 0.08,
    '2 s': 0.08,
    '10 min': 0.08,
    '5 h': 0.04,
    '23 h': 0.02,
    'for ever': 0.02,
  });
  const count = faults.pick(`${task}, images`, 'one', { two: 0.2, four: 0.05, none: 0.03, forty: 0.004 });
  const delay = faults.pick(`${task}, callback`, 'at once', { 'after 20 min': 0.03, 'after 22 h': 0.01 });
  return {
    ms: lasting[takes],
    end: faults.pick(`${task} ends`, 'completed', {
      failed: 0.1,
      cancelled: 0.03,
      'completed, then failed': 0.07,
      'failed, then completed': 0.05,
    }),
    images: Array.from({ length: counts[count] }, (_, index) => imageOf(faults, task, index)),
    id: faults.pick(`${task}, the provider's id`, 'as documented', {
      'a large number': 0.05,
      'with odd characters': 0.05,
    }),
    callbacks: faults.pick(`${task}, callbacks`, 'one', { none: 0.1, two: 0.1, 'three at once': 0.1 }),
    callbackBody: faults.pick(`${task}, callback's body`, 'as documented', {
      'in a data wrapper': 0.05,
      'with task_id for id': 0.05,
      'without results': 0.03,
      'with another id': 0.03,
      'over 256 kB': 0.02,
      'no JSON': 0.02,
      'with characters that SQS refuses': 0.03,
      'with 255 kB of usage': 0.02,
    }),
    callbackDelayMs: delays[delay],
  };
}

const imageOf = (faults: Faults, task: string, index: number): ImageKind =>
  faults.pick(`${task}, image ${index + 1}`, 'there', {
    late: 0.04,
    'behind a redirect': 0.04,
    'empty at first': 0.04,
    'cut short at first': 0.04,
    'fails for a while': 0.06,
    'hangs for a while': 0.02,
    slow: 0.04,
    'different each time': 0.04,
    'cut short for good': 0.03,
    gone: 0.05,
    'a page': 0.03,
    'at a private address': 0.03,
  });
