/** Vtrix: creates a task and can be asked about it; it never calls back. Source: docs/providers.md, "Vtrix". */
import { microOf } from '../usage/money.ts';
import { createAt, nameless, readStatus } from './http.ts';
import type { ContentItem, Created, Driver, Report } from './provider.ts';
import type { Redaction } from './redaction.ts';
import { answerIn, errorOf, idOf, objectOf, reportOf, textOf } from './tolerant.ts';
import { usageOf } from './usage.ts';

export const vtrix: Driver = {
  connect: (endpoint) => ({
    // A sibling platform refuses requests with callback fields, so ours stays here.
    create: (body, _callbackUrl, ask) =>
      createAt(endpoint, '/model/v1/generation', envelope(body), ask, {
        created: (answer, redaction) => created(taskIn(answer), redaction),
        report,
      }),
    read: (id, ask) =>
      readStatus(endpoint, `/model/v1/generation/task/${encodeURIComponent(id)}`, ask, report),
  }),
  report,
  costIn: (usage) => {
    const amount = microOf(objectOf(usage)?.cost);
    return amount === undefined ? undefined : { amount, currency: 'USD', covers: 'made' };
  },
};

/** The documented envelope. The vendor's own tool wraps differently: if that proves right, it changes here alone. */
function envelope(body: unknown): unknown {
  const { model, input, parameters } = body as Record<string, unknown>;
  return { model, input, parameters };
}

function created(task: Record<string, unknown> | undefined, redaction: Redaction): Created {
  const providerTaskId = idOf(task);
  if (providerTaskId) {
    return { kind: 'accepted', providerTaskId, usage: usageOf(task?.usage, redaction.content) };
  }
  return task && hasError(task) ? refusedInside(task, redaction) : nameless;
}

const hasError = (task: Record<string, unknown>): boolean =>
  Boolean(task.error) || Boolean(task.error_message) || task.status === 'failed';

/** A success without an id but with an error is a no: there is no task that could ever be asked about. */
function refusedInside(task: Record<string, unknown>, redaction: Redaction): Created {
  const error = errorOf(task, redaction);
  const callersFault = /^0010210(0[1-9]|1[0-8])$/.test(error.code) || error.code.startsWith('invalid');
  return { kind: 'refused', status: callersFault ? 400 : 502, error };
}

/** Every content item with a `url` is an image, whatever it calls itself; texts keep their place among them. */
function report(text: string, redaction: Redaction): Report | undefined {
  const task = taskIn(answerIn(text));
  return task && reportOf(task, contentOf(task.output), redaction);
}

/** The answer itself, or what it holds under `data`: documented for other models at the same address. */
function taskIn(answer: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const wrapped = objectOf(answer?.data);
  return idOf(wrapped) ? wrapped : answer;
}

function contentOf(output: unknown): ContentItem[] {
  const entries = Array.isArray(output) ? output : [output];
  const items = entries.flatMap((entry) => objectOf(entry)?.content ?? entry);
  return items.flatMap((item): ContentItem[] => {
    const url = textOf(objectOf(item)?.url);
    if (url) return [{ type: 'image', url }];
    const text = textOf(objectOf(item)?.text);
    return text ? [{ type: 'text', text }] : [];
  });
}
