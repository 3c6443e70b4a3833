/**
 * The events as schemas, by their detail type: they describe the bus in docs/asyncapi.json, and tests hold every event
 * against them. No function loads them; `task-event.ts` makes what they describe, of the same type.
 */
import * as z from 'zod/mini';
import { described, taskSchema } from '../task/task-schema.ts';
import { BUDGET_THRESHOLD, EVENT_SOURCE, TASK_COMPLETED, TASK_CREATED, TASK_FAILED } from './names.ts';

const { saying, component } = described;

const taskThatIs = (...statuses: [string, ...string[]]) =>
  z.intersection(taskSchema, z.looseObject({ status: z.enum(statuses) }));

const detail = (outcome: string, task: ReturnType<typeof taskThatIs>) =>
  z.strictObject({
    version: z.literal('1'),
    id: saying(
      z.string().check(z.regex(new RegExp(`^task_[0-7][0-9A-HJKMNP-TV-Z]{25}:${outcome}$`))),
      `\`<task id>:${outcome}\`, the same however often the event comes: drop what you have seen.`,
    ),
    occurred_at: saying(z.iso.datetime(), 'When the task was created, or ended.'),
    owner: saying(z.string(), 'Whose key the request came with.'),
    task: saying(task, 'As GET /v1/tasks/{id} answers, when the event was made.'),
    omitted: z.exactOptional(
      saying(
        z.array(z.string()),
        'The fields of the task that were left out because the event was too large (256 kB): read the task to have them.',
      ),
    ),
  });

const figure = () => z.number().check(z.minimum(0));

const budgetDetail = z.strictObject({
  version: z.literal('1'),
  id: saying(z.string(), 'The same however often the event comes: drop what you have seen.'),
  occurred_at: saying(z.iso.datetime(), 'When it was seen; up to a minute after the task that reached it.'),
  owner: saying(z.string(), 'Whose budget it is.'),
  budget: z.strictObject({
    period: z.enum(['day', 'month']),
    of: saying(z.string(), 'The day, `2026-11-24`, or the month, `2026-11`; in UTC.'),
    measure: z.enum(['images', 'amount']),
    currency: saying(z.nullable(z.string()), 'Of an amount; null for images.'),
    limit: figure(),
    used: saying(figure(), 'Reserved and charged.'),
    percent: saying(z.union([z.literal(80), z.literal(100)]), 'The threshold.'),
  }),
});

export const eventDetailSchemas = {
  [TASK_CREATED]: component(
    detail('created', taskThatIs('pending', 'processing')),
    'TaskCreatedDetail',
    'A request was recorded, and its task is open.',
  ),
  [TASK_COMPLETED]: component(
    detail('completed', taskThatIs('completed')),
    'TaskCompletedDetail',
    'A task has completed: its images are in your bucket.',
  ),
  [TASK_FAILED]: component(
    detail('failed', taskThatIs('failed')),
    'TaskFailedDetail',
    'A task has failed; `task.error` says why.',
  ),
  [BUDGET_THRESHOLD]: component(
    budgetDetail,
    'BudgetThresholdDetail',
    "An owner has used 80 or 100 % of a day's or a month's budget; once for each limit.",
  ),
};

export type DetailType = keyof typeof eventDetailSchemas;

/** As EventBridge hands an event to its targets (EventBridge user guide, "Event structure"). */
export const eventSchema = (detailType: DetailType) =>
  z.looseObject({
    version: z.literal('0'),
    id: saying(
      z.string(),
      "EventBridge's own; another one each time the same event is put. Use `detail.id`.",
    ),
    source: z.literal(EVENT_SOURCE),
    'detail-type': z.literal(detailType),
    account: z.string(),
    region: z.string(),
    time: z.iso.datetime(),
    resources: z.array(z.string()),
    detail: eventDetailSchemas[detailType],
  });
