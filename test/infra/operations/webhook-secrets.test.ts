/** What an operator does with webhook secrets, on a real keys table. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyIdOf, newKey, putKey } from '../../../infra/operations/api-keys.ts';
import {
  currentWebhookSecret,
  rotateWebhookSecret,
  type WebhookSecrets,
} from '../../../infra/operations/webhook-secrets.ts';
import { BOTH_SIGN_FOR, secretFinder } from '../../../shared/webhooks/secrets.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';

const NOW = 1_800_000_000;
const root = 'root-secret'.repeat(6);
/** All that is asked of Secrets Manager here is the root secret. */
const secrets = { send: async () => ({ SecretString: root }) } as unknown as SecretsManagerClient;

describe.runIf(hasDynamoServer())('webhook secrets', () => {
  let tables: TestTables;
  let deployment: WebhookSecrets;
  beforeAll(async () => {
    tables = await openTables();
    deployment = { dynamodb: tables.client, secrets, keysTable: tables.keys, rootSecret: 'arn' };
  });
  afterAll(() => tables.close());

  async function created(owner = 'acme', key = newKey()) {
    await putKey(tables.client, tables.keys, owner, key);
    return { owner, keyId: keyIdOf(key) };
  }
  const signing = (key: { owner: string; keyId: string }, at: number) =>
    secretFinder(
      async () => root,
      tables.client,
      tables.keys,
      () => at * 1000,
    )(key);
  const rotate = (key: { owner: string; keyId: string }, now: number, force = false) =>
    rotateWebhookSecret(deployment, key, { now, force });

  test('a key’s secret is there without a write, and the functions sign with it', async () => {
    const key = await created();

    expect(await signing(key, NOW)).toEqual([await currentWebhookSecret(deployment, key)]);
  });

  test('a rotation prints what the functions sign with first, and the one before goes on for a day', async () => {
    const key = await created();
    const before = await currentWebhookSecret(deployment, key);

    const rotated = await rotate(key, NOW);
    const after = await currentWebhookSecret(deployment, key);

    expect(rotated).toEqual({ kind: 'rotated', secret: after, bothSignUntil: NOW + BOTH_SIGN_FOR });
    expect(after).not.toBe(before);
    expect(await signing(key, NOW)).toEqual([after, before]);
    expect(await signing(key, NOW + BOTH_SIGN_FOR)).toEqual([after]);
  });

  test('a second one within the day changes nothing, unless it is forced: then the oldest signs no more', async () => {
    const key = await created();
    const before = await currentWebhookSecret(deployment, key);
    await rotate(key, NOW);
    const second = await currentWebhookSecret(deployment, key);

    const refused = await rotate(key, NOW + 3600);
    const unchanged = await currentWebhookSecret(deployment, key);
    const forced = await rotate(key, NOW + 3600, true);
    const third = await currentWebhookSecret(deployment, key);
    const later = await rotate(key, NOW + 3600 + BOTH_SIGN_FOR);

    expect(refused).toEqual({ kind: 'too_soon', until: NOW + BOTH_SIGN_FOR });
    expect(unchanged).toBe(second);
    expect(forced).toMatchObject({ kind: 'rotated', secret: third });
    expect(await signing(key, NOW + 3600)).not.toContain(before);
    expect(later).toMatchObject({ kind: 'rotated' });
  });

  test('of two at once one rotates, and the other says so', async () => {
    const key = await created();

    const results = await Promise.allSettled([rotate(key, NOW), rotate(key, NOW)]);

    // The other met the write of the first one, or what it had written.
    const said = results.map((result) =>
      result.status === 'fulfilled' ? result.value.kind : String(result.reason),
    );
    expect(said.filter((kind) => kind === 'rotated')).toHaveLength(1);
    expect(said.filter((kind) => kind !== 'rotated')).toEqual([
      expect.stringMatching(/nothing was changed|too_soon/),
    ]);
    expect(await signing(key, NOW)).toHaveLength(2);
  });
});
