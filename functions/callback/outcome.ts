/** What a provider's last report and the archive make of a task: the outcome that is recorded. */
import type { CompletedReport, ContentItem, FailedReport } from '../../shared/providers/provider.ts';
import { costIn } from '../../shared/providers/registry.ts';
import {
  type Outcome,
  type OutputItem,
  RESULTS_LOST,
  type TaskError,
  type TaskRecord,
} from '../../shared/task/record.ts';
import { chargeOf } from '../../shared/usage/charge.ts';
import type { Archived } from './archive.ts';

/** @param completed seconds since 1970 */
export function failedOutcome(record: TaskRecord, report: FailedReport, completed: number): Outcome {
  return {
    ...ending(record, report, 0, completed),
    status: 'failed',
    images: [],
    lost: [],
    output: [],
    error: report.error,
  };
}

/** A completion of which nothing is left is recorded as a failure. @param completed seconds since 1970 */
export function completedOutcome(
  record: TaskRecord,
  report: CompletedReport,
  archived: Archived,
  completed: number,
): Outcome {
  const { images } = archived;
  const lost = [...archived.lost, ...(report.lost ?? [])];
  const made = images.length + lost.length;
  const kept = { ...ending(record, report, made, completed), images, lost, output: outputOf(report.content) };
  const isEmpty = images.length === 0 && !report.content.some(({ type }) => type === 'text');
  return isEmpty
    ? { ...kept, status: 'failed', error: nothingToShow({ images, lost }) }
    : { ...kept, status: 'completed' };
}

/** @param made images, also those that were lost */
const ending = (
  { provider, asked, reserved }: TaskRecord,
  report: CompletedReport | FailedReport,
  made: number,
  completed: number,
) => ({
  completed,
  provider_task_id: report.providerTaskId,
  usage: report.usage,
  charge: chargeOf(asked, made, costIn(provider, report.usage) ?? costIn(provider, reserved)),
});

function nothingToShow({ lost }: Archived): TaskError {
  const why = [...new Set(lost.map(({ reason }) => reason))].join(', ');
  return lost.length > 0
    ? {
        code: RESULTS_LOST,
        message: `None of the provider's images can be had: ${why}`,
        type: 'task_error',
      }
    : {
        code: 'generation_failed_no_content',
        message: 'The provider completed the task without any result',
        type: 'task_error',
      };
}

/** Images are counted in the provider's order, as they are in the archive. */
function outputOf(content: readonly ContentItem[]): OutputItem[] {
  let index = 0;
  return content.map((item) => (item.type === 'text' ? item : { type: 'image', index: index++ }));
}
