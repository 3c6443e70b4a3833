/** What the demo and the bench run on: stand-in providers, a fresh local cloud, and what was heard on the bus. */

import { prepareAssembly } from '../../infra/local/assembly/prepare.ts';
import type { BusEvent } from '../../infra/local/cloud/index.ts';
import { deployLocally, type LocalDeployment, localSettings } from '../../infra/local/deploy.ts';
import { startStandIn } from '../../infra/local/start-providers.ts';
import { newKey } from '../../infra/operations/api-keys.ts';
import { EVENT_SOURCE, TASK_CREATED } from '../../shared/events/names.ts';
import type { TaskEventDetail } from '../../shared/events/task-event.ts';
import { forEachProvider, type ProviderName } from '../../shared/providers/definitions.ts';
import { StandInClient } from './stand-in-client.ts';

const PROVIDER_KEY = 'harness-key';

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

/** Only ends a hang. A task takes some 20 s at the longest: a read 10 s after its create, another 10 s later. */
const PATIENCE_MS = 180_000;

/**
 * @param flags for the stand-in providers, see infra/local/providers/main.ts
 * @param progress told what the boot is doing
 */
export async function startHarness(
  flags: readonly string[] = [],
  progress: (line: string) => void = () => undefined,
): Promise<Harness> {
  const starting = startStandIn(['--quiet', ...flags]);
  const assembly = await prepareAssembly({
    settings: localSettings,
    providerBaseUrls: starting.then(({ providers }) => providers),
    progress,
  });
  const standIn = await starting;
  progress('Booting the local cloud …');
  const deployment = await deployLocally({
    assembly: assembly.directory,
    owner: 'harness',
    apiKey: newKey(),
    providerKeys: forEachProvider(() => PROVIDER_KEY),
  });
  return {
    assembly: assembly.directory,
    deployment,
    providerUrls: standIn.providers,
    providers: forEachProvider((name) => new StandInClient(standIn.providers[name], PROVIDER_KEY)),
    outcomeOf: listen(deployment),
    async stop() {
      await deployment.cloud.stop();
      await standIn.stop();
      await assembly.remove();
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
