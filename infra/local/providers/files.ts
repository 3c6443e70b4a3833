/** Result links: the pictures, or what a fault puts in their place. */
import { expiryOf } from './callbacks.ts';
import { type Fault, type FaultKind, faultOf } from './faults.ts';
import type { Received, Reply } from './http.ts';
import type { ProviderState } from './provider-state.ts';
import { isOver, type Task } from './task.ts';

// `media` is where a redirect leads.
const route = /^\/(files|media)\/([^/]+)\/(\d+)\.png$/;
const passing: readonly FaultKind[] = ['picture-status', 'picture-hang', 'picture-truncated'];
const redirecting: readonly FaultKind[] = ['picture-redirect'];

export function isFile(path: string): boolean {
  return route.test(path);
}

/** Answers a fetch of a result link, and records it. */
export async function serveFile(received: Received, state: ProviderState): Promise<Reply> {
  const [, folder, taskId = '', place = ''] = route.exec(received.path) ?? [];
  const task = state.tasks.get(taskId);
  const index = Number(place);
  if (task === undefined || !isOver(task) || index >= task.order.images) return denied(404, 'NoSuchKey');
  const answer = await fileReply(received, task, index, folder === 'media', state);
  state.journal.download({
    key: task.key,
    taskId,
    index,
    at: state.settings.clock(),
    status: typeof answer === 'string' ? answer : answer.status,
  });
  return answer;
}

async function fileReply(
  received: Received,
  task: Task,
  index: number,
  redirected: boolean,
  state: ProviderState,
): Promise<Reply> {
  const expires = expiryOf(task, state);
  const genuine = received.query.get('expires') === String(expires);
  if (!genuine || state.settings.clock() >= expires * 1000) return denied(403, 'AccessDenied');
  if (received.method !== 'GET' && received.method !== 'HEAD') return denied(405, 'MethodNotAllowed');
  const faults = faultsAt(task, index, redirected);
  const broken = brokenReply(faults, received.path, expires);
  if (broken !== undefined) return broken;
  const body = await state.pictures.of(task, index);
  const contentType = faultOf(faults, 'picture-type')?.contentType ?? 'image/png';
  const cut = faultOf(faults, 'picture-truncated') !== undefined;
  return { status: 200, headers: { 'content-type': contentType }, body, cut };
}

/** The faults that strike this fetch; passing ones count down. */
function faultsAt(task: Task, index: number, redirected: boolean): Fault[] {
  const fetched = task.downloads[index] ?? 0;
  task.downloads[index] = fetched + 1;
  return task.faults.filter((fault) => {
    if ('index' in fault && fault.index !== undefined && fault.index !== index) return false;
    if (passing.includes(fault.kind) && 'times' in fault && fault.times !== undefined) {
      return fetched < fault.times;
    }
    return !(redirected && redirecting.includes(fault.kind));
  });
}

function brokenReply(faults: Fault[], path: string, expires: number): Reply | undefined {
  if (faultOf(faults, 'picture-hang') !== undefined) return 'hang';
  const status = faultOf(faults, 'picture-status')?.status;
  if (status !== undefined) return denied(status, 'Error');
  const redirect = faultOf(faults, 'picture-redirect');
  if (redirect !== undefined) {
    const elsewhere = `${path.replace('/files/', '/media/')}?expires=${expires}`;
    return { status: 302, headers: { location: redirect.to ?? elsewhere }, body: '' };
  }
  if (faultOf(faults, 'picture-html') === undefined) return undefined;
  const page = '<!doctype html><title>Not an image</title><p>Please try again later.</p>';
  return { status: 200, headers: { 'content-type': 'image/png' }, body: page };
}

function denied(status: number, code: string): Reply {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`,
  };
}
