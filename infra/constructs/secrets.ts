/** The secrets: made once, retained for ever. CloudFormation makes a new value when its recipe changes, so none may change. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { forEachProvider } from '../../shared/providers/definitions.ts';

export interface Secrets {
  readonly taskIdSecret: ISecret;
  readonly signingKeys: ISecret;
  readonly providerKeys: ISecret;
}

/** A function and no construct: it would be part of the secrets' names, which are theirs for ever. */
export function secretsOf(scope: Construct): Secrets {
  return {
    // Named as it was when it signed everything: another name would be another secret, and so other ids.
    taskIdSecret: new Secret(scope, 'RootSecret', {
      description:
        'Derives task ids from Idempotency-Keys. Never change it: requests sent again would be paid again.',
      removalPolicy: RemovalPolicy.RETAIN,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    }) as ISecret,
    signingKeys: new Secret(scope, 'SigningKeys', {
      description: 'Signs callback URLs and image links; rotated by npm run rotate-signing-key.',
      removalPolicy: RemovalPolicy.RETAIN,
      generateSecretString: {
        passwordLength: 64,
        excludePunctuation: true,
        secretStringTemplate: JSON.stringify({ id: '1' }),
        generateStringKey: 'secret',
      },
    }) as ISecret,
    providerKeys: new Secret(scope, 'ProviderKeys', {
      description: `The API keys at the providers. To be set by hand to ${JSON.stringify(forEachProvider(() => '…'))}`,
      removalPolicy: RemovalPolicy.RETAIN,
    }) as ISecret,
  };
}
