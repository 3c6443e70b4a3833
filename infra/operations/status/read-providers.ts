/**
 * Which providers have a key, and what they make of it. A key is tried by asking for a task that there is not, as `check` asks
 * for one that there is: it creates nothing, and no charge for it is documented. A provider that knows the key answers 404, one that does not 401 or 403.
 */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { definitions, providerNames } from '../../../shared/providers/definitions.ts';
import { providerFinder } from '../../../shared/providers/registry.ts';
import { remembered } from '../../../shared/runtime/remembered.ts';
import type { KeyState, ProviderFact, StatusOutputs } from './facts.ts';

const NO_TASK = 'task-unified-1000000000-nosuchid';
const TIMEOUT_MS = 10_000;
const REFUSED = /^status 40[13]$/;

const BaseUrls = z.record(z.string(), z.string());
const Keys = z.record(z.string(), z.string());

/** @throws Error when the secret holds no JSON object of strings */
export async function readProviders(
  secrets: SecretsManagerClient,
  outputs: StatusOutputs,
): Promise<readonly ProviderFact[]> {
  const text = await secretText(secrets, outputs.ProviderKeysSecret);
  const keys = keysIn(text);
  const find = providerFinder(
    BaseUrls.parse(JSON.parse(outputs.ProviderBaseUrls)),
    remembered(TIMEOUT_MS, Date.now, async () => text),
  );
  return Promise.all(
    providerNames.map(async (name) => {
      const { title, models } = definitions[name];
      const provider = keys[name] ? await find(name) : undefined;
      const key: KeyState = provider
        ? stateOf(await provider.read(NO_TASK, { timeoutMs: TIMEOUT_MS }))
        : { kind: 'none' };
      return { name, title, models, key };
    }),
  );
}

function stateOf(read: { readonly kind: string; readonly why?: string }): KeyState {
  if (read.why === undefined) return { kind: 'accepted' };
  return { kind: REFUSED.test(read.why) ? 'refused' : 'unknown', why: read.why };
}

async function secretText(secrets: SecretsManagerClient, SecretId: string): Promise<string> {
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  return SecretString;
}

/** One that was never set holds what Secrets Manager made up, which is no JSON. */
function keysIn(text: string): Readonly<Record<string, string>> {
  try {
    return Keys.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
