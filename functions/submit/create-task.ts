/** Creates the task at its provider: once, unless it is certain that nothing was created (promise 2). */
import type { ImageRequest } from '../../shared/models/read-request.ts';
import { unauthorized } from '../../shared/providers/http.ts';
import type { Created, Provider } from '../../shared/providers/provider.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { Signer } from '../../shared/security/signer.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import type { AcceptedInput } from './input-images.ts';
import { addressesOf, type InputStore } from './input-store.ts';

export interface CreateDependencies extends TryDependencies {
  readonly inputs: InputStore;
  /** @returns nothing when the operator has set no key for this provider */
  readonly provider: (name: string) => Promise<Provider | undefined>;
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

/** @param record the intent, which is written already */
export async function createTask(
  dependencies: CreateDependencies,
  record: TaskRecord,
  request: ImageRequest,
  inputs: readonly AcceptedInput[],
): Promise<Created> {
  const { telemetry } = dependencies;
  const prepared = await prepare(dependencies, record, request, inputs);
  const created =
    prepared.kind === 'ready'
      ? await tryToCreate(prepared.provider, prepared.body, prepared.callbackUrl, dependencies)
      : prepared;
  telemetry.count('TaskSubmitted', created.kind);
  telemetry.info('submitted', {
    task: record.id,
    owner: record.owner,
    model: record.model,
    outcome: created.kind,
    why: 'why' in created ? created.why : undefined,
  });
  return created;
}

type Prepared =
  | {
      readonly kind: 'ready';
      readonly provider: Provider;
      readonly body: unknown;
      readonly callbackUrl: string;
    }
  | Extract<Created, { kind: 'busy' | 'refused' }>;

/** Everything that may fail before anything has left for the provider. */
async function prepare(
  { provider: providerNamed, inputs: store, signer, publicUrl, telemetry }: CreateDependencies,
  record: TaskRecord,
  { model, body }: ImageRequest,
  inputs: readonly AcceptedInput[],
): Promise<Prepared> {
  try {
    const provider = await providerNamed(record.provider);
    if (!provider) return unauthorized;
    return {
      kind: 'ready',
      provider,
      body: model.withImages(body, await addressesOf(store, record, inputs)),
      callbackUrl: `${publicUrl}/v1/callbacks/${record.id}/${signer.callback(record.id)}`,
    };
  } catch (error) {
    telemetry.error('the create could not be prepared', { task: record.id, error });
    return { kind: 'busy', why: 'the create could not be prepared' };
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
