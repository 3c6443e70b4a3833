/** What the demo and the bench run on: stand-in providers, a fresh local cloud, and what was heard on the bus. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BusEvent } from '../../infra/local/cloud/index.ts';
import { deployLocally, type LocalDeployment, localSettings } from '../../infra/local/deploy.ts';
import { startStandIn } from '../../infra/local/start-providers.ts';
import { synthesize } from '../../infra/local/synthesize.ts';
import { EVENT_SOURCE, TASK_CREATED } from '../../shared/events/names.ts';
import type { TaskEventDetail } from '../../shared/events/task-event.ts';
import { forEachProvider, type ProviderName } from '../../shared/providers/definitions.ts';
import { StandInClient } from './stand-in-client.ts';

const PROVIDER_KEY = 'world-key';

export interface Heard {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly detail: TaskEventDetail;
}

export interface Harness {
  readonly assembly: string;
  readonly deployment: LocalDeployment;
  readonly providerUrls: Readonly<Record<ProviderName, string>>;
  readonly providers: Readonly<Record<ProviderName, StandInClient>>;
  /** The outcome event of a task. @throws Error when it does not come in time */
  outcomeOf(taskId: string): Promise<Heard>;
  stop(): Promise<void>;
}

/** The longest that a task may take: a read comes 10 s after the create, and again 10 s later. */
const PATIENCE_MS = 60_000;

/** @param flags for the stand-in providers, see infra/local/providers/main.ts */
export async function startHarness(flags: readonly string[] = []): Promise<Harness> {
  const directory = await mkdtemp(join(tmpdir(), 'wanhook-'));
  const standIn = await startStandIn(['--quiet', ...flags]);
  const providerUrls = standIn.providers;
  const settings = { ...localSettings, providerBaseUrls: providerUrls };
  const assembly = await synthesize({ outdir: join(directory, 'cdk.out'), context: { wanhook: settings } });
  const deployment = await deployLocally({
    ...{ assembly, owner: 'world', apiKey: 'wh_world' },
    providerKeys: forEachProvider(() => PROVIDER_KEY),
  });
  return {
    assembly,
    deployment,
    providerUrls,
    providers: forEachProvider((name) => new StandInClient(providerUrls[name], PROVIDER_KEY)),
    outcomeOf: listen(deployment),
    async stop() {
      await deployment.cloud.stop();
      await standIn.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function listen({ cloud }: LocalDeployment): Harness['outcomeOf'] {
  const heard = new Map<string, PromiseWithResolvers<Heard>>();
  const slot = (taskId: string) => {
    const known = heard.get(taskId) ?? Promise.withResolvers<Heard>();
    heard.set(taskId, known);
    return known;
  };
  cloud.onEvent((event: BusEvent) => {
    if (event.source !== EVENT_SOURCE || event['detail-type'] === TASK_CREATED) return;
    const detail = event.detail as TaskEventDetail;
    slot(detail.task.id).resolve({ at: Date.now(), detail });
  });
  return (taskId) => {
    const { promise, reject } = slot(taskId);
    setTimeout(
      () => reject(new Error(`No outcome of ${taskId} within ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    ).unref();
    return promise;
  };
}
