/** The two figures that a caller feels: how long a submit takes, and how long it is from the callback to the event. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { output } from '../../infra/local/deploy.ts';
import type { Harness } from '../support/harness.ts';
import { type Comparison, compare, timed } from './statistics.ts';

const body = (prompt: string, n: number) => ({ model: 'wan2.5-text-to-image', prompt, size: '1280x1280', n });

async function post(base: string, key: string, json: unknown): Promise<{ id: string }> {
  const response = await fetch(`${base}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(json),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
  return answer as { id: string };
}

/** Our whole submit against the provider's own answer to the same request. */
export function measureSubmit({ deployment, providerUrls }: Harness): Promise<Comparison> {
  const { cloud, apiKey } = deployment;
  return compare(
    'submit / provider’s own answer',
    { warmUp: 10, counted: 60 },
    () => timed(() => post(providerUrls.evolink, 'bench-floor', body('floor', 1))),
    () => timed(() => post(cloud.apiUrl, apiKey, body('ours', 1))),
  );
}

/** From the first byte of the callback to the event on the bus, against the bare script. */
export async function measureCallback(harness: Harness, images: number): Promise<Comparison> {
  await harness.providers.evolink.addFault({ kind: 'callback-none' }, { prompt: `quiet ${images}` });
  const script = startBareScript(harness);
  try {
    return await compare(
      `callback to event, ${images} image${images > 1 ? 's' : ''} / bare script`,
      { warmUp: 8, counted: 40, goal: 2 },
      async () => bareTime(harness, script, await readyTask(harness, images)),
      async () => ourTime(harness, await readyTask(harness, images)),
    );
  } finally {
    script.disconnect();
  }
}

interface ReadyTask {
  readonly id: string;
  readonly providerId: string;
  readonly callbackUrl: string;
  readonly urls: readonly string[];
}

/** A task that has ended at its provider, with its pictures drawn, and about which nobody has been told. */
async function readyTask({ deployment, providers }: Harness, images: number): Promise<ReadyTask> {
  const { id } = await post(deployment.cloud.apiUrl, deployment.apiKey, body(`quiet ${images}`, images));
  while (true) {
    const view = (await providers.evolink.tasks()).find(({ callbackUrl }) => callbackUrl?.includes(id));
    if (view?.status === 'completed') {
      for (const url of view.results) await (await fetch(url)).arrayBuffer();
      await deployment.cloud.idle();
      return { id, providerId: view.id, callbackUrl: view.callbackUrl!, urls: view.results };
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function ourTime(harness: Harness, task: ReadyTask): Promise<number> {
  return untilEvent(harness, task.id, async () => {
    await fetch(task.callbackUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: task.providerId, status: 'completed', progress: 100, results: task.urls }),
    });
  });
}

function bareTime(harness: Harness, script: ChildProcess, task: ReadyTask): Promise<number> {
  return untilEvent(harness, task.id, async () => {
    script.send({ id: task.id, urls: task.urls });
  });
}

/** Both ways end where the event arrives on the bus. */
function untilEvent(
  { deployment: { cloud } }: Harness,
  id: string,
  go: () => Promise<void>,
): Promise<number> {
  return timed(async () => {
    const arrived = Promise.withResolvers<void>();
    const forget = cloud.onEvent((event) => {
      const { id: bare, task } = event.detail as { id: string; task?: { id: string } };
      if (bare === id || (task?.id === id && event['detail-type'] === 'Image Task Completed'))
        arrived.resolve();
    });
    await go();
    await arrived.promise;
    forget();
  });
}

function startBareScript({ deployment: { cloud } }: Harness): ChildProcess {
  const names = ['TasksTable', 'ImagesBucket', 'BusName'].map((name) => output(cloud, name));
  const script = fork(join(import.meta.dirname, 'bare-script.ts'), names, {
    env: { PATH: process.env.PATH, ...cloud.environment() },
  });
  // Its error stands on our standard error; without this the figure would be waited for forever.
  script.once('exit', (code) => code && process.exit(code));
  return script;
}
