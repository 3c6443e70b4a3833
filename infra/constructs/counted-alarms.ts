/** The alarms on what our functions count themselves (`telemetry.count`). */
import { definitions, providerNames } from '../../shared/providers/definitions.ts';

export interface CountedAlarm {
  readonly id: string;
  /** The function's folder. */
  readonly service: string;
  readonly metricName: string;
  /** The values of its dimension `reason` that are alarming; without them, the metric is counted without a reason. */
  readonly reasons?: readonly string[];
  readonly threshold: number;
  /** The length of a period. */
  readonly minutes: number;
  readonly periods: number;
  readonly description: string;
  readonly runbook: string;
}

export const COUNTED: readonly CountedAlarm[] = [
  {
    id: 'ImagesNotKept',
    service: 'callback',
    metricName: 'ImageNotKept',
    threshold: 1,
    minutes: 15,
    periods: 2,
    description:
      'Images of completed tasks cannot be put into the bucket; their links die 24 hours after they were made',
    runbook: 'images-not-kept',
  },
  {
    id: 'ImagesNotKeptInTime',
    service: 'callback',
    metricName: 'ImageNotKeptInTime',
    threshold: 1,
    minutes: 5,
    periods: 1,
    description:
      'A task was completed without images that could have been had: they were not kept before their links died',
    runbook: 'images-not-kept',
  },
  {
    id: 'AcceptancesLost',
    service: 'submit',
    metricName: 'AcceptanceLost',
    threshold: 1,
    minutes: 5,
    periods: 1,
    description:
      'A provider took a task, and neither the table nor the queue took its id: it stands in the log',
    runbook: 'creates-unrecorded',
  },
  {
    id: 'CreatesUnrecorded',
    service: 'submit',
    metricName: 'CreateUnrecorded',
    threshold: 1,
    minutes: 5,
    periods: 2,
    description: 'The tasks table has not taken what providers answered, for ten minutes',
    runbook: 'creates-unrecorded',
  },
  {
    id: 'UnnamedTasks',
    service: 'check',
    metricName: 'UnnamedTaskGivenUp',
    threshold: 1,
    minutes: 5,
    periods: 1,
    description:
      'A task ended as provider_timeout whose create was never confirmed: it may have been paid for',
    runbook: 'tasks-given-up',
  },
  {
    id: 'TasksGivenUp',
    service: 'check',
    metricName: 'TaskGivenUp',
    reasons: ['provider_timeout', 'outcome_unrecorded'],
    threshold: 1,
    minutes: 5,
    periods: 1,
    description: 'A task has ended without an outcome of its provider',
    runbook: 'tasks-given-up',
  },
  {
    id: 'OpenBeyond25Hours',
    service: 'sweep',
    metricName: 'OpenBeyond25Hours',
    threshold: 1,
    minutes: 24 * 60,
    periods: 1,
    description: 'Tasks have been open for more than 25 hours: nothing ends them',
    runbook: 'open-beyond-25-hours',
  },
  ...providerNames.map((name) => ({
    id: `ProviderKeyRefused-${name}`,
    service: 'submit',
    metricName: 'ProviderUnauthorized',
    reasons: [name],
    threshold: 1,
    minutes: 5,
    periods: 1,
    description: `${definitions[name].title} refuses our key: every request for its models is answered 503`,
    runbook: 'provider-unauthorized',
  })),
  {
    id: 'UsageNotCounted',
    service: 'ledger',
    metricName: 'UsageNotCounted',
    threshold: 1,
    minutes: 5,
    periods: 1,
    description: 'A change of a task is not in the ledger: its record is none of this version',
    runbook: 'usage-not-counted',
  },
  {
    id: 'ForgedCallbacks',
    service: 'callback',
    metricName: 'CallbackHandled',
    reasons: ['forged'],
    threshold: 100,
    minutes: 5,
    periods: 1,
    description: 'A hundred forged callbacks within five minutes: somebody is trying',
    runbook: 'forged-callbacks',
  },
];
