/** The life cycle: what a provider's report, and a repeated request, mean in every state that a record can have. */
import { describe, expect, test } from 'vitest';
import { judge, judgeRepeat } from '../../../shared/task/life-cycle.ts';
import { hasEnded, type Status, type Submission, type TaskError } from '../../../shared/task/record.ts';
import { taskRecord } from '../../support/records.ts';

const submissions: Submission[] = ['unconfirmed', 'accepted', 'refused'];
const error = (code: string): TaskError => ({ code, message: 'words', type: 'task_error' });

describe('judge', () => {
  const statuses: Status[] = ['pending', 'processing', 'completed', 'failed'];
  const verdicts: Record<Status, Partial<Record<Status, string>>> = {
    pending: { pending: 'open', processing: 'open', completed: 'open', failed: 'open' },
    processing: { pending: 'open', processing: 'open', completed: 'open', failed: 'open' },
    completed: { completed: 'duplicate', failed: 'contradiction' },
    failed: { completed: 'contradiction', failed: 'duplicate' },
  };
  const table = submissions.flatMap((submission) =>
    Object.entries(verdicts).flatMap(([status, row]) =>
      Object.entries(row).map(([reported, verdict]) => ({
        submission,
        status: status as Status,
        reported: reported as Status,
        verdict,
      })),
    ),
  );

  test.each(table)(
    '$submission, $status, and the provider says $reported: $verdict',
    ({ submission, status, reported, verdict }) => {
      const unknownId = taskRecord({ submission, status });
      const knownId = taskRecord({ submission, status, provider_task_id: 'p-1' });

      expect(judge(unknownId, { status: reported, provider_task_id: 'p-1' })).toBe(verdict);
      expect(judge(knownId, { status: reported, provider_task_id: 'p-1' })).toBe(verdict);
      expect(judge(knownId, { status: reported })).toBe(verdict);
      expect(judge(knownId, { status: reported, provider_task_id: 'p-2' })).toBe('foreign');
    },
  );

  test.each(statuses)('no record, and the provider says %s: unknown', (status) => {
    expect(judge(undefined, { status, provider_task_id: 'p-1' })).toBe('unknown');
  });

  test('a completion whose images were all lost is a failure here, and still a duplicate when it comes again', () => {
    const lost = taskRecord({ status: 'failed', error: error('results_lost') });

    expect(judge(lost, { status: 'completed' })).toBe('duplicate');
    expect(judge(lost, { status: 'failed' })).toBe('contradiction');
  });
});

describe('judgeRepeat', () => {
  const statuses: Status[] = ['pending', 'processing', 'completed', 'failed'];
  const table = submissions.flatMap((submission) => statuses.map((status) => ({ submission, status })));

  test.each(table)('$submission, $status', ({ submission, status }) => {
    const record = taskRecord({ submission, status, request_hash: 'same' });
    const certainlyNothing = submission === 'refused' && status === 'pending';

    expect(judgeRepeat(record, 'same')).toBe(certainlyNothing ? 'retry' : 'replay');
    expect(judgeRepeat(record, 'other')).toBe('mismatch');
  });
});

test.each<[Status, boolean]>([
  ['pending', false],
  ['processing', false],
  ['completed', true],
  ['failed', true],
])('%s is an end: %s', (status, ended) => {
  expect(hasEnded(status)).toBe(ended);
});
