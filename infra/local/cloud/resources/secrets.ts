/** AWS::SecretsManager::Secret. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { generateSecret, generateSecretString } from '../secrets/generate.ts';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const secret = z
  .strictObject({
    Name: z.string().optional(),
    GenerateSecretString: generateSecretString.optional(),
    SecretString: z.string().optional(),
    Tags: tags,
    ...withoutEffect('Description'),
  })
  .refine((given) => !(given.GenerateSecretString && given.SecretString !== undefined), {
    message: 'a secret is either generated or given, not both',
  });

export const secretsResources = [
  defineResource('AWS::SecretsManager::Secret', secret, (properties, placement) => {
    const { cloud } = placement;
    const name = properties.Name ?? physicalName(placement);
    // AWS ends the ARN in six random characters; these are the same in every run.
    const suffix = createHash('sha256').update(name).digest('hex').slice(0, 6);
    const secretArn = arn(cloud, 'secretsmanager', `secret:${name}-${suffix}`);
    cloud.secrets.create(secretArn, name, () =>
      properties.GenerateSecretString
        ? generateSecret(properties.GenerateSecretString)
        : (properties.SecretString ?? ''),
    );
    return { ref: secretArn, attributes: { Id: secretArn } };
  }),
];
