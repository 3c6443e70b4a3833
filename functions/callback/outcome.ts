/** What a provider's last report and the archive make of a task: the outcome that is recorded. */
import type { CompletedReport, ContentItem, FailedReport } from '../../shared/providers/provider.ts';
import { type Outcome, type OutputItem, RESULTS_LOST, type TaskError } from '../../shared/task/record.ts';
import type { Archived } from './archive.ts';

/** @param completed seconds since 1970 */
export function failedOutcome(report: FailedReport, completed: number): Outcome {
  return {
    ...ending(report, completed),
    status: 'failed',
    images: [],
    lost: [],
    output: [],
    error: report.error,
  };
}

/** A completion of which nothing is left is recorded as a failure. @param completed seconds since 1970 */
export function completedOutcome(report: CompletedReport, archived: Archived, completed: number): Outcome {
  const { images } = archived;
  const lost = [...archived.lost, ...(report.lost ?? [])];
  const kept = { ...ending(report, completed), images, lost, output: outputOf(report.content) };
  const isEmpty = images.length === 0 && !report.content.some(({ type }) => type === 'text');
  return isEmpty
    ? { ...kept, status: 'failed', error: nothingToShow({ images, lost }) }
    : { ...kept, status: 'completed' };
}

const ending = (report: CompletedReport | FailedReport, completed: number) => ({
  completed,
  provider_task_id: report.providerTaskId,
  usage: report.usage,
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
