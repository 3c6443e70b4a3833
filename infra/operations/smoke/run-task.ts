/** Sends one request, waits for its event, and proves that every image is what the task and the event say. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Task, Wanhook } from '../../../client/index.ts';
import type { OutcomeEvents } from './outcome-events.ts';
import type { SmokeRequest } from './requests.ts';

export interface SmokeResult {
  readonly title: string;
  readonly model: string;
  readonly prompt: string;
  /** None when the request itself was refused. */
  readonly taskId?: string;
  /** Milliseconds from the submit to the event. */
  readonly ms: number;
  /** Where the images were saved. */
  readonly files: readonly string[];
  /** The links of the images. */
  readonly results: readonly string[];
  /** What is not as it must be; empty when all is well. */
  readonly problems: readonly string[];
}

export interface SmokeRun {
  readonly client: Wanhook;
  readonly events: OutcomeEvents;
  /** Where images are saved. */
  readonly directory: string;
}

/** Never throws: what goes wrong is among the problems. */
export async function runTask(run: SmokeRun, request: SmokeRequest): Promise<SmokeResult> {
  const began = Date.now();
  const result = { title: request.title, model: request.body.model, prompt: promptOf(request) };
  const base = { files: [], results: [], problems: [] };
  try {
    const { id } = await run.client.submit(request.body);
    const event = await run.events.outcomeOf(id);
    const ms = Date.now() - began;
    const task = await run.client.get(id);
    const images = await Promise.all(task.results.map(fetchImage));
    const files = await Promise.all(images.map((bytes, index) => save(run.directory, id, index, bytes)));
    const problems = problemsOf(request, event.task, task, images);
    return { ...result, taskId: id, ms, files, results: task.results, problems };
  } catch (error) {
    return { ...result, ...base, ms: Date.now() - began, problems: [messageOf(error)] };
  }
}

function promptOf({ body }: SmokeRequest): string {
  if ('prompt' in body) return body.prompt;
  if ('prompt' in body.input) return body.input.prompt;
  return (
    body.input.messages.flatMap(({ content }) =>
      content.flatMap((part) => ('text' in part ? part.text : [])),
    )[0] ?? ''
  );
}

/** As anybody would who has nothing but the link, which leads on to the bucket. */
async function fetchImage(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The link of an image answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function save(directory: string, taskId: string, index: number, bytes: Buffer): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${taskId}-${index}.png`);
  await writeFile(file, bytes);
  return file;
}

function problemsOf(
  request: SmokeRequest,
  announced: Task,
  task: Task,
  images: readonly Buffer[],
): readonly string[] {
  const texts = task.output.flatMap(({ content }) => content).filter(({ type }) => type === 'text');
  const sums = images.map((bytes) => createHash('sha256').update(bytes).digest('hex')).join();
  return [
    ...expect('status', task.status, 'completed'),
    ...(task.error ? [`${task.error.code}: ${task.error.message}`] : []),
    ...expect('images', images.length, request.images),
    ...expect('texts', texts.length, request.texts),
    ...expect('checksums in the event', sumsOf(announced), sums),
    ...expect('checksums in the task', sumsOf(task), sums),
  ];
}

const sumsOf = ({ images }: Task): string => images.map(({ sha256 }) => sha256).join();

const expect = (what: string, is: unknown, should: unknown): string[] =>
  is === should ? [] : [`${what}: ${String(is)} instead of ${String(should)}`];

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
