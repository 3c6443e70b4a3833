/** What the two providers say, byte by byte, in the shapes of docs/providers.md. */
import type { ProviderName } from '../../../shared/providers/definitions.ts';
import type { CallbackBody, Plan } from './plan.ts';

export type Status = 'processing' | 'completed' | 'failed' | 'cancelled';

export interface Spoken {
  readonly id: string;
  readonly status: Status;
  readonly urls: readonly string[];
}

/** Stands for an integer that JSON can write and JavaScript cannot hold. */
const LARGE = 'large-number-';

export const idOf = (plan: Plan['id'], count: number): string =>
  ({
    'as documented': `task-unified-1767225600-${count}`,
    'a large number': `${LARGE}90071992547409930${count}`,
    'with odd characters': `job/${count} ü#?%2F`,
  })[plan];

/** As the product must record it. */
export const recordedId = (id: string): string => id.replace(LARGE, '');

/** The answer to a read, and the body of a callback. */
export function reportText(provider: ProviderName, { id, status, urls }: Spoken): string {
  const error = { code: 'generation_failed_no_content', message: 'Nothing came out.', type: 'task_error' };
  const common = {
    id,
    status: provider === 'vtrix' && status === 'processing' ? 'in_progress' : status,
    ...(status === 'failed' && { error }),
  };
  return withNumbers(
    provider === 'evolink'
      ? {
          ...common,
          object: 'image.generation.task',
          progress: 100,
          results: urls,
          usage: { credits_reserved: 1.2 },
        }
      : {
          ...common,
          output: [{ content: urls.map((url) => ({ type: 'image', url, jobId: '1' })) }],
          usage: { cost: '0.03', image_count: urls.length },
        },
  );
}

/** The answer to a create that was taken. */
export function createdText(provider: ProviderName, id: string, shape: string): string {
  const task = {
    id,
    status: provider === 'evolink' ? 'pending' : 'in_progress',
    task_info: { can_cancel: true, estimated_time: shape === 'takes it, and estimates 1e300 s' ? 1e300 : 30 },
    usage: { credits_reserved: 1 },
  };
  if (shape === 'takes it, in a data wrapper') return withNumbers({ code: 200, data: task });
  if (shape === 'takes it, without an id') return withNumbers({ ...task, id: undefined });
  return withNumbers(task);
}

/** EvoLink's callback, bent. */
export function callbackText(body: CallbackBody, spoken: Spoken): string {
  const text = reportText('evolink', spoken);
  const task = JSON.parse(text) as Record<string, unknown>;
  const bent: Record<CallbackBody, () => string> = {
    'as documented': () => text,
    'in a data wrapper': () => `{"code":200,"data":${text}}`,
    'with task_id for id': () => text.replace('"id":', '"task_id":'),
    'without results': () => JSON.stringify({ ...task, id: spoken.id, results: undefined }),
    'with another id': () => JSON.stringify({ ...task, id: 'job-77', task_id: spoken.id }),
    'over 256 kB': () => JSON.stringify({ ...task, id: spoken.id, log: 'x'.repeat(270_000) }),
    'no JSON': () => text.slice(0, -5),
    'with characters that SQS refuses': () => JSON.stringify({ ...task, id: spoken.id, note: '\uffff' }),
    'with 255 kB of usage': () =>
      JSON.stringify({ ...task, id: spoken.id, usage: { log: 'x'.repeat(261_000) } }),
  };
  return withLargeNumbers(bent[body]());
}

const withNumbers = (value: unknown): string => withLargeNumbers(JSON.stringify(value));

const withLargeNumbers = (text: string): string => text.replaceAll(new RegExp(`"${LARGE}(\\d+)"`, 'g'), '$1');
