/** The secrets: made once, retained for ever. CloudFormation makes a new value when its recipe changes, so none may change. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { forEachProvider } from '../../shared/providers/definitions.ts';
import { acknowledge } from './acknowledge.ts';

export interface Secrets {
  readonly taskIdSecret: ISecret;
  readonly signingKeys: ISecret;
  readonly providerKeys: ISecret;
}

/** A function and no construct: it would be part of the secrets' names, which are theirs for ever. */
export function secretsOf(scope: Construct): Secrets {
  // Named as it was when it signed everything: another name would be another secret, and so other ids.
  const taskIdSecret = new Secret(scope, 'RootSecret', {
    description:
      'Derives task ids from Idempotency-Keys. Never change it: requests sent again would be paid again.',
    removalPolicy: RemovalPolicy.RETAIN,
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
  });
  neverByTime(
    taskIdSecret,
    'A new value would make requests that are sent again into new tasks, paid again.',
  );

  const signingKeys = new Secret(scope, 'SigningKeys', {
    description: 'Signs callback URLs and image links; rotated by npm run rotate-signing-key.',
    removalPolicy: RemovalPolicy.RETAIN,
    generateSecretString: {
      passwordLength: 64,
      excludePunctuation: true,
      secretStringTemplate: JSON.stringify({ id: '1' }),
      generateStringKey: 'secret',
    },
  });
  neverByTime(
    signingKeys,
    'Rotated by npm run rotate-signing-key, which keeps the key before; a function that may write the keys would be one more way to leak them.',
  );

  const providerKeys = new Secret(scope, 'ProviderKeys', {
    description: `The API keys at the providers. To be set by hand to ${JSON.stringify(forEachProvider(() => '…'))}`,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  neverByTime(providerKeys, 'The providers issue these keys to people; no function can ask for a new one.');

  return {
    taskIdSecret: taskIdSecret as ISecret,
    signingKeys: signingKeys as ISecret,
    providerKeys: providerKeys as ISecret,
  };
}

const neverByTime = (secret: Secret, reason: string): void => acknowledge(secret, 'SMG4', reason);
