/** EvoLink: creates a task, calls back when it ends, can be asked in between. Source: docs/providers.md, "EvoLink". */
import { parseJsonObject } from '../runtime/json.ts';
import { call, isSuccess, noAnswer, notCreated, readStatus } from './http.ts';
import type { Ask, ContentItem, Created, Driver, Endpoint, Report } from './provider.ts';
import { errorOf, idOf, numberOf, objectOf, reportOf, textOf } from './tolerant.ts';
import { usageOf } from './usage.ts';

/** Parse tolerantly: a `data` wrapper, `task_id` for `id`, `succeeded` for `completed` were all seen. */
function report(text: string): Report | undefined {
  const whole = parseJsonObject(text);
  if (!whole) return undefined;
  const wrapped = objectOf(whole.data);
  const task = wrapped?.status === undefined ? whole : wrapped;
  const urls = Array.isArray(task.results) ? task.results : [];
  const content = urls.flatMap((result): ContentItem[] => {
    const url = textOf(result) ?? textOf(objectOf(result)?.url);
    return url ? [{ type: 'image', url }] : [];
  });
  return reportOf(task, content);
}

export const evolink: Driver = {
  connect: (endpoint) => ({
    create: (body, callbackUrl, ask) =>
      create(endpoint, { ...(body as object), callback_url: callbackUrl }, ask),
    read: (id, ask) => readStatus(endpoint, `/v1/tasks/${encodeURIComponent(id)}`, ask, report),
  }),
  report,
};

async function create(endpoint: Endpoint, body: unknown, ask: Ask): Promise<Created> {
  try {
    const reply = await call(endpoint, '/v1/images/generations', ask, body);
    const whole = parseJsonObject(reply.body.toString());
    const task = idOf(whole) ? whole : objectOf(whole?.data);
    if (!isSuccess(reply)) return notCreated(reply, (text) => errorOf(parseJsonObject(text)));
    const providerTaskId = idOf(task);
    if (!task || !providerTaskId) return { kind: 'unconfirmed', why: 'the answer names no task' };
    return {
      kind: 'accepted',
      providerTaskId,
      estimatedTime: numberOf(objectOf(task.task_info)?.estimated_time),
      usage: usageOf(task.usage),
    };
  } catch (failure) {
    return noAnswer(failure);
  }
}
