/** A task that has ended at its provider, who will never call back by itself: the test speaks for it. */
import { eventually } from '../support/eventually.ts';
import { type System, textToImage } from './system.ts';

export interface SilentTask {
  readonly id: string;
  /** Its callback URL. */
  readonly url: string;
  /** What the provider would report: a completion. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** @param prompt one that no other task of the account holds */
export async function silentTask(
  system: System,
  prompt: string,
  more: object = {},
  headers: Record<string, string> = {},
): Promise<SilentTask> {
  await system.evolink.addFault({ kind: 'callback-none' }, { prompt });
  const { body } = await system.submit(textToImage(prompt, more), headers);
  const view = await eventually(async () => {
    const views = await system.evolink.tasks();
    return views.find((task) => task.callbackUrl?.includes(body.id) && task.status === 'completed');
  }, 'the end at the provider');
  const report = { id: view.id, status: 'completed', progress: 100, results: view.results };
  return { id: body.id, url: view.callbackUrl!, report };
}

/** Calls back as a provider does. */
export const post = (url: string, body: unknown) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
