/** Result links: the pictures, or what a fault puts in their place. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expiryOf } from './callbacks.ts';
import { type Fault, type FaultKind, faultOf } from './faults/fault.ts';
import type { Received, Reply } from './http.ts';
import { type FormattedPicture, formattedPicture } from './pictures/formats.ts';
import type { ProviderState } from './provider-state.ts';
import { isOver, type Task } from './task.ts';

// `media` is where a redirect leads.
const route = /^\/(files|media)\/([^/]+)\/(\d+)\.png$/;
const redirecting: readonly FaultKind[] = ['picture-redirect'];
const encoders = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync };

export function isFile(path: string): boolean {
  return route.test(path);
}

/** Answers a fetch of a result link, and records it. */
export async function serveFile(received: Received, state: ProviderState): Promise<Reply> {
  const [, folder, taskId = '', place = ''] = route.exec(received.path) ?? [];
  const task = state.tasks.get(taskId);
  const index = Number(place);
  if (task === undefined || !isOver(task) || index >= task.results.length) return denied(404, 'NoSuchKey');
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
  return pictureReply(faults, await pictureAt(faults, task, index, state));
}

/** The faults that strike this fetch; those with `times` count down. */
function faultsAt(task: Task, index: number, redirected: boolean): Fault[] {
  const fetched = task.downloads[index] ?? 0;
  task.downloads[index] = fetched + 1;
  return task.faults.filter((fault) => {
    if ('index' in fault && fault.index !== undefined && fault.index !== index) return false;
    if (fault.kind.startsWith('picture-') && 'times' in fault && fault.times !== undefined) {
      return fetched < fault.times;
    }
    return !(redirected && redirecting.includes(fault.kind));
  });
}

/** The reply in place of any file, or undefined. */
function brokenReply(faults: Fault[], path: string, expires: number): Reply | undefined {
  if (faultOf(faults, 'picture-hang') !== undefined) return 'hang';
  const status = faultOf(faults, 'picture-status')?.status;
  if (status !== undefined) return denied(status, 'Error');
  const redirect = faultOf(faults, 'picture-redirect');
  if (redirect === undefined) return undefined;
  const elsewhere = `${path.replace('/files/', '/media/')}?expires=${expires}`;
  return { status: 302, headers: { location: redirect.to ?? elsewhere }, body: '' };
}

async function pictureAt(
  faults: Fault[],
  task: Task,
  index: number,
  state: ProviderState,
): Promise<FormattedPicture> {
  if (faultOf(faults, 'picture-html') !== undefined) {
    const page = '<!doctype html><title>Not an image</title><p>Please try again later.</p>';
    return { body: Buffer.from(page), contentType: 'image/png' };
  }
  if (faultOf(faults, 'picture-empty') !== undefined) {
    return { body: Buffer.alloc(0), contentType: 'image/png' };
  }
  const ordered = faultOf(faults, 'picture-body');
  if (ordered !== undefined) {
    return { body: Buffer.from(ordered.base64, 'base64'), contentType: 'image/png' };
  }
  const format = faultOf(faults, 'picture-format')?.format;
  if (format !== undefined) {
    const { width, height } = task.order;
    return formattedPicture(format, { width, height, index, seed: task.id });
  }
  return { body: await state.pictures.of(task, index), contentType: 'image/png' };
}

function pictureReply(faults: Fault[], picture: FormattedPicture): Reply {
  const keep = faultOf(faults, 'picture-cut')?.keep ?? 1;
  const file = picture.body.subarray(0, Math.floor(picture.body.length * keep));
  const encoding = faultOf(faults, 'picture-encoded')?.encoding;
  const drip = faultOf(faults, 'picture-drip');
  return {
    status: 200,
    headers: {
      'content-type': faultOf(faults, 'picture-type')?.contentType ?? picture.contentType,
      ...(encoding !== undefined && { 'content-encoding': encoding }),
    },
    body: encoding === undefined ? file : encoders[encoding](file),
    cut: faultOf(faults, 'picture-truncated') !== undefined,
    ...(drip !== undefined && { drip }),
  };
}

function denied(status: number, code: string): Reply {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`,
  };
}
