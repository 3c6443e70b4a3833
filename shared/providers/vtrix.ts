/** Vtrix: creates a task and can be asked about it; it never calls back. Source: docs/providers.md, "Vtrix". */
import { parseJsonObject } from '../runtime/json.ts';
import { call, isSuccess, noAnswer, notCreated, readStatus } from './http.ts';
import type { Ask, ContentItem, Created, Driver, Endpoint, Report } from './provider.ts';
import { errorOf, idOf, objectOf, reportOf, textOf } from './tolerant.ts';
import { usageOf } from './usage.ts';

/** Every content item with a `url` is an image, whatever it calls itself; texts keep their place among them. */
function report(text: string): Report | undefined {
  const task = parseJsonObject(text);
  return task && reportOf(task, contentOf(task.output));
}

function contentOf(output: unknown): ContentItem[] {
  const parts = Array.isArray(output) ? output : [output];
  const items = parts.flatMap((part) => objectOf(part)?.content ?? []);
  return items.flatMap((item): ContentItem[] => {
    const url = textOf(objectOf(item)?.url);
    if (url) return [{ type: 'image', url }];
    const text = textOf(objectOf(item)?.text);
    return text ? [{ type: 'text', text }] : [];
  });
}

export const vtrix: Driver = {
  connect: (endpoint) => ({
    // A sibling platform refuses requests with callback fields, so ours stays here.
    create: (body, _callbackUrl, ask) => create(endpoint, body, ask),
    read: (id, ask) =>
      readStatus(endpoint, `/model/v1/generation/task/${encodeURIComponent(id)}`, ask, report),
  }),
  report,
};

/** The documented envelope. The vendor's own tool wraps differently: if that proves right, it changes here alone. */
function envelope(body: unknown): unknown {
  const { model, input, parameters } = body as Record<string, unknown>;
  return { model, input, parameters };
}

async function create(endpoint: Endpoint, body: unknown, ask: Ask): Promise<Created> {
  try {
    const reply = await call(endpoint, '/model/v1/generation', ask, envelope(body));
    if (!isSuccess(reply)) return notCreated(reply, (text) => errorOf(parseJsonObject(text)));
    const task = parseJsonObject(reply.body.toString());
    const providerTaskId = idOf(task);
    if (providerTaskId) return { kind: 'accepted', providerTaskId, usage: usageOf(task?.usage) };
    return task && hasError(task)
      ? refusedInside(task)
      : { kind: 'unconfirmed', why: 'the answer names no task' };
  } catch (failure) {
    return noAnswer(failure);
  }
}

const hasError = (task: Record<string, unknown>): boolean =>
  Boolean(task.error) || Boolean(task.error_message) || task.status === 'failed';

/** A success without an id but with an error is a no: there is no task that could ever be asked about. */
function refusedInside(task: Record<string, unknown>): Created {
  const error = errorOf(task);
  const callersFault = /^0010210(0[1-9]|1[0-8])$/.test(error.code) || error.code.startsWith('invalid');
  return { kind: 'refused', status: callersFault ? 400 : 502, error };
}
