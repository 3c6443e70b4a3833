/**
 * `npm run rotate-signing-key -- <outputs file> [--drop-previous]`: a new key signs callback URLs and image links, ten
 * minutes from now. The key that signs now stays accepted; the one before it is dropped, which the command refuses while
 * something that it signed may still come in, unless told otherwise (docs/decisions/key-rotation.md).
 * Ends with 0, with 1 when it refuses, with 2 when called wrongly. It prints no secret.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { readSigningKeys, type SigningKeys, writeSigningKeys } from '../../shared/security/signing-keys.ts';
import { queued } from './redrive-queues.ts';
import { droppableFrom, rotate } from './signing-key-rotation.ts';
import { stackOutputs } from './stack-outputs.ts';

const usage = 'Usage: npm run rotate-signing-key -- <outputs file of cdk deploy> [--drop-previous]';
const Outputs = z.object({ SigningKeysSecret: z.string(), CallbacksDeadLetters: z.string() });

async function called() {
  try {
    const options = { 'drop-previous': { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file, ...more] = positionals;
    if (!file || more.length > 0) throw new Error('There must be one outputs file');
    return {
      dropPrevious: values['drop-previous'],
      outputs: stackOutputs(await readFile(file, 'utf8'), Outputs),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return process.exit(2);
  }
}

const { dropPrevious, outputs } = await called();
const secrets = new SecretsManagerClient();
const now = Math.floor(Date.now() / 1000);

/** Why the key before the newest may not be dropped yet; nothing when it may, or when there is none. */
async function reasonToWait(keys: SigningKeys): Promise<string | undefined> {
  const from = droppableFrom(keys);
  if (from === undefined) return undefined;
  const until = new Date(from * 1000).toISOString();
  if (now < from) return `Callbacks that key ${keys[1]!.id} signed may come in until ${until}`;
  const dead = await queued(new SQSClient(), outputs.CallbacksDeadLetters);
  return dead > 0 ? `${dead} callbacks are dead letters: put them back first (npm run redrive)` : undefined;
}

const { SecretString = '' } = await secrets.send(
  new GetSecretValueCommand({ SecretId: outputs.SigningKeysSecret }),
);
const keys = readSigningKeys(SecretString);
const reason = dropPrevious ? undefined : await reasonToWait(keys);
if (reason) {
  console.error(`${reason}. Nothing was changed; with --drop-previous they are lost.`);
  process.exitCode = 1;
} else {
  const [next, present] = rotate(keys, randomBytes(48).toString('base64url'), now);
  await secrets.send(
    new PutSecretValueCommand({
      SecretId: outputs.SigningKeysSecret,
      SecretString: writeSigningKeys([next, present]),
    }),
  );
  console.log(`Key ${next.id} signs from ${new Date(next.signsFrom * 1000).toISOString()} on.`);
  console.log(`Key ${present.id} stays accepted.`);
  if (keys[1]) console.log(`Key ${keys[1].id} is accepted no longer.`);
}
