/** Creates the task at its provider: once, unless it is certain that nothing was created (promise 2). */

import { inputLink } from '../../shared/images/links.ts';
import type { ImageRequest } from '../../shared/models/read-request.ts';
import type { Created, Provider } from '../../shared/providers/provider.ts';
import type { ProviderFinder } from '../../shared/providers/registry.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { Signer } from '../../shared/security/signer.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import type { AcceptedInput } from './input-images.ts';
import { addressesOf, type InputStore } from './input-store.ts';

export interface CreateDependencies extends TryDependencies {
  readonly inputs: InputStore;
  readonly provider: ProviderFinder;
  readonly signer: Signer;
  readonly publicUrl: string;
  readonly telemetry: Telemetry;
}

export interface TryDependencies {
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** When the answer to the caller must be out; milliseconds since 1970. */
  readonly deadline: number;
}

/** How a create ended for the task: our own wrong key is a passing no. */
export type TaskCreated = Exclude<Created, { kind: 'unauthorized' }>;

/** @param record the intent, which is written already */
export async function createTask(
  dependencies: CreateDependencies,
  record: TaskRecord,
  request: ImageRequest,
  inputs: readonly AcceptedInput[],
): Promise<TaskCreated> {
  const { telemetry } = dependencies;
  const prepared = await prepare(dependencies, record, request, inputs);
  const created = prepared.kind === 'ready' ? await create(dependencies, record, prepared) : prepared;
  telemetry.count('TaskSubmitted', created.kind, record.model);
  telemetry.info('submitted', {
    task: record.id,
    owner: record.owner,
    model: record.model,
    outcome: created.kind,
    // For a provider that never calls back, the one place that names it if nothing after this succeeds.
    providerTaskId: created.kind === 'accepted' ? created.providerTaskId : undefined,
    why: 'why' in created ? created.why : undefined,
  });
  return created;
}

interface Ready {
  readonly kind: 'ready';
  /** Absent when the operator has set no key. */
  readonly provider: Provider | undefined;
  readonly body: unknown;
  readonly callbackUrl: string;
}

/** Everything that may fail before anything has left for the provider. */
async function prepare(
  { provider, inputs: store, signer, publicUrl, telemetry, now }: CreateDependencies,
  record: TaskRecord,
  { model, body }: ImageRequest,
  inputs: readonly AcceptedInput[],
): Promise<Ready | Extract<Created, { kind: 'busy' }>> {
  const linkTo = (index: number) => inputLink(signer, publicUrl, record.id, index, now());
  try {
    return {
      kind: 'ready',
      provider: await provider(record.provider),
      body: model.withImages(body, await addressesOf(store, record.id, inputs, linkTo)),
      callbackUrl: `${publicUrl}/v1/callbacks/${record.id}/${signer.callback(record.id)}`,
    };
  } catch (error) {
    telemetry.error('the create could not be prepared', { task: record.id, error });
    return { kind: 'busy', why: 'the create could not be prepared' };
  }
}

const noKey: Created = { kind: 'unauthorized', why: 'no key is set' };
/** Until an operator has set the key right. */
const UNAUTHORIZED_RETRY_SECONDS = 60;

/** Tries with the key that is remembered, and once more with a fresh one, because keys are rotated. */
async function create(
  dependencies: CreateDependencies,
  { id, provider: name }: TaskRecord,
  { provider, body, callbackUrl }: Ready,
): Promise<TaskCreated> {
  const { telemetry } = dependencies;
  const createdBy = (asked: Provider | undefined) =>
    asked ? tryToCreate(asked, body, callbackUrl, dependencies) : noKey;
  const first = await createdBy(provider);
  if (first.kind !== 'unauthorized') return first;
  const second = await createdBy(await freshProvider(dependencies, name));
  if (second.kind !== 'unauthorized') return second;

  telemetry.error('the provider refuses our key', { task: id, provider: name, why: second.why });
  telemetry.count('ProviderUnauthorized', name);
  return { kind: 'busy', retryAfterSeconds: UNAUTHORIZED_RETRY_SECONDS, why: second.why };
}

async function freshProvider(
  { provider, telemetry }: CreateDependencies,
  name: string,
): Promise<Provider | undefined> {
  try {
    return await provider(name, 'fresh');
  } catch (error) {
    telemetry.error('the keys at the providers could not be read again', { error });
    return undefined;
  }
}

/** Pauses before another try, if the provider names no longer one. */
const PAUSES_MS: readonly number[] = [500, 1500, 3000];
/** A create is answered quickly or not at all; the rest of the time is for trying again. */
const CREATE_TIMEOUT_MS = 20_000;
/** Less than this is not worth a try: it would only make an unconfirmed task of a busy one. */
const WORTH_A_TRY_MS = 5000;

/**
 * The answer, or the last of several when the provider was busy.
 *
 *   busy ─pause─► busy ─pause─► accepted          tried again: nothing was created before
 *   unconfirmed                                   never tried again: it may have been created
 */
export async function tryToCreate(
  provider: Provider,
  body: unknown,
  callbackUrl: string,
  dependencies: TryDependencies,
  [pauseMs, ...laterPauses] = PAUSES_MS,
): Promise<Created> {
  const { now, pause, deadline } = dependencies;
  const left = () => deadline - now();
  // The input images may have taken it all.
  if (left() < WORTH_A_TRY_MS) return { kind: 'busy', why: 'no time left for a create' };
  const timeoutMs = Math.min(CREATE_TIMEOUT_MS, left());
  const created = await provider.create(body, callbackUrl, { timeoutMs });
  if (created.kind !== 'busy' || pauseMs === undefined) return created;

  const wait = Math.max(pauseMs, (created.retryAfterSeconds ?? 0) * 1000);
  if (left() - wait < WORTH_A_TRY_MS) return created;
  await pause(wait);
  return tryToCreate(provider, body, callbackUrl, dependencies, laterPauses);
}
