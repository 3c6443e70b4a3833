/** The Secrets Manager API: reading, replacing and describing a secret. */
import * as z from 'zod';
import { operation } from '../aws/api.ts';
import type { JsonService } from '../aws/json-service.ts';
import type { Need } from '../iam/evaluate.ts';
import type { Secret, Secrets } from './secrets.ts';

const stage = z.enum(['AWSCURRENT', 'AWSPREVIOUS']);
const getSecretValue = z.strictObject({ SecretId: z.string(), VersionStage: stage.optional() });
const describeSecret = z.strictObject({ SecretId: z.string() });
const putSecretValue = z.strictObject({
  SecretId: z.string(),
  SecretString: z.string().min(1),
  ClientRequestToken: z.string().optional(),
});

/** The Secrets Manager service over the local secrets; `arnOf` gives the ARN of a secret that is not there. */
export function secretsService(secrets: Secrets, arnOf: (id: string) => string): JsonService {
  const may =
    (action: string) =>
    ({ SecretId }: { SecretId: string }): Need => ({
      action: `secretsmanager:${action}`,
      resource: secrets.arnOf(SecretId) ?? (SecretId.startsWith('arn:') ? SecretId : arnOf(SecretId)),
    });
  return {
    name: 'SecretsManager',
    target: 'secretsmanager',
    contentType: 'application/x-amz-json-1.1',
    invalidCode: 'InvalidParameterException',
    operations: {
      GetSecretValue: operation(getSecretValue, may('GetSecretValue'), (input) => {
        const secret = secrets.find(input.SecretId, input.VersionStage);
        return {
          ...identity(secret),
          SecretString: secret.value,
          VersionStages: [input.VersionStage ?? 'AWSCURRENT'],
          CreatedDate: secret.changed_at / 1000,
        };
      }),
      PutSecretValue: operation(putSecretValue, may('PutSecretValue'), (input) => ({
        ...identity(secrets.put(input.SecretId, input.SecretString, input.ClientRequestToken)),
        VersionStages: ['AWSCURRENT'],
      })),
      DescribeSecret: operation(describeSecret, may('DescribeSecret'), (input) => {
        const secret = secrets.find(input.SecretId);
        return {
          ARN: secret.arn,
          Name: secret.name,
          LastChangedDate: secret.changed_at / 1000,
          VersionIdsToStages: { [secret.version]: ['AWSCURRENT'] },
        };
      }),
    },
  };
}

function identity(secret: Secret) {
  return { ARN: secret.arn, Name: secret.name, VersionId: secret.version };
}
