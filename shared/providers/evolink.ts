/** EvoLink: creates a task, calls back when it ends, can be asked in between. Source: docs/providers.md, "EvoLink". */
import { CREDITS, microOf } from '../usage/money.ts';
import { createAt, nameless, readStatus } from './http.ts';
import type { ContentItem, Created, Driver, Report } from './provider.ts';
import type { Redaction } from './redaction.ts';
import { answerIn, estimateOf, idOf, objectOf, reportOf, textOf } from './tolerant.ts';
import { usageOf } from './usage.ts';

export const evolink: Driver = {
  connect: (endpoint) => ({
    create: (body, callbackUrl, ask) => {
      const sent = { ...(body as object), callback_url: callbackUrl };
      return createAt(endpoint, '/v1/images/generations', sent, ask, { created, report });
    },
    read: (id, ask) => readStatus(endpoint, `/v1/tasks/${encodeURIComponent(id)}`, ask, report),
  }),
  report,
  // It documents no figure but this one, which it settles by the images that it made.
  costIn: (usage) => {
    const amount = microOf(objectOf(usage)?.credits_reserved);
    return amount === undefined ? undefined : { amount, currency: CREDITS, covers: 'asked' };
  },
};

function created(answer: Record<string, unknown> | undefined, { content }: Redaction): Created {
  const task = idOf(answer) ? answer : objectOf(answer?.data);
  const providerTaskId = idOf(task);
  if (!task || !providerTaskId) return nameless;
  return {
    kind: 'accepted',
    providerTaskId,
    estimatedTime: estimateOf(objectOf(task.task_info)?.estimated_time),
    usage: usageOf(task.usage, content),
  };
}

/** Parse tolerantly: a `data` wrapper, `task_id` for `id`, `succeeded` for `completed` were all seen. */
function report(text: string, redaction: Redaction): Report | undefined {
  const whole = answerIn(text);
  if (!whole) return undefined;
  const wrapped = objectOf(whole.data);
  const task = wrapped?.status === undefined ? whole : wrapped;
  const urls = Array.isArray(task.results) ? task.results : [];
  const content = urls.flatMap((result): ContentItem[] => {
    const url = textOf(result) ?? textOf(objectOf(result)?.url);
    return url ? [{ type: 'image', url }] : [];
  });
  return reportOf(task, content, redaction);
}
