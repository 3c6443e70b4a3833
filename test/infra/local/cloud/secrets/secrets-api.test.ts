import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { boot, clientOf, ref, temporaryDirectory } from '../stacks.ts';

async function bootSecret(properties: Record<string, unknown>, options = {}) {
  const cloud = await boot(
    {
      Resources: { Root: { Type: 'AWS::SecretsManager::Secret', Properties: properties } },
      Outputs: { Arn: { Value: ref('Root') } },
    },
    options,
  );
  const client = new SecretsManagerClient({ ...clientOf(cloud, 'secretsmanager'), maxAttempts: 1 });
  const SecretId = cloud.outputs.Arn;
  const read = async (more = {}) =>
    (await client.send(new GetSecretValueCommand({ SecretId, ...more }))).SecretString;
  return { cloud, client, SecretId, read };
}

test('a generated secret is as the template asks', async () => {
  const { read } = await bootSecret({
    GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
  });

  expect(await read()).toMatch(/^[A-Za-z0-9]{64}$/);
});

test('a generated secret can stand inside JSON', async () => {
  const { read } = await bootSecret({
    GenerateSecretString: {
      ...{ SecretStringTemplate: '{"user":"me"}', GenerateStringKey: 'password' },
      ...{ ExcludeCharacters: 'abc', PasswordLength: 500 },
    },
  });

  const { user, password } = JSON.parse((await read()) ?? '');
  expect(user).toBe('me');
  expect(password).toHaveLength(500);
  expect(password).not.toMatch(/[abc]/);
});

test('a new value replaces the old one, which stays as the previous', async () => {
  const { client, SecretId, read } = await bootSecret({ SecretString: 'first' });

  await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'second' }));
  const described = await client.send(new DescribeSecretCommand({ SecretId: 'Test-Root' }));

  expect(await read()).toBe('second');
  expect(await read({ VersionStage: 'AWSPREVIOUS' })).toBe('first');
  expect(described).toMatchObject({ ARN: SecretId, Name: 'Test-Root' });
});

test('a secret that does not exist is the documented error', async () => {
  const { client } = await bootSecret({});

  const read = client.send(new GetSecretValueCommand({ SecretId: 'nobody' }));

  await expect(read).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('with a state directory a generated secret is the same in the next run, and in another stack’s it is not', async () => {
  const stateDir = await temporaryDirectory();
  const properties = { GenerateSecretString: {} };
  const first = await bootSecret(properties, { stateDir });
  const value = await first.read();
  await first.cloud.stop();

  const second = await bootSecret(properties, { stateDir });
  const elsewhere = await bootSecret(properties);

  expect(await second.read()).toBe(value);
  expect(await elsewhere.read()).not.toBe(value);
});
