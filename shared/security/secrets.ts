/** Secrets, read once and remembered for a while, so that a rotated key is picked up without a deployment. */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { parseJsonObject } from '../runtime/json.ts';
import { type Remembered, remembered } from '../runtime/remembered.ts';

const FIVE_MINUTES = 5 * 60_000;

/** @returns a function that yields the secret's string; it throws what Secrets Manager throws, and remembers no failure */
export function secretText(client: SecretsManagerClient, arn: string, now: () => number): Remembered<string> {
  return remembered(FIVE_MINUTES, now, async () => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    return SecretString ?? '';
  });
}

/** The API keys at the providers, by provider; a secret that was never set holds none. */
export const providerKeys = (text: string): Record<string, string> =>
  (parseJsonObject(text) ?? {}) as Record<string, string>;
