/** AWS::IAM::Role, AWS::IAM::Policy and AWS::Lambda::Permission: what every request is checked against. */
import * as z from 'zod';
import { identityPolicy, resourcePolicy, trustPolicy } from '../iam/statement.ts';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const role = z.strictObject({
  RoleName: z.string().optional(),
  AssumeRolePolicyDocument: trustPolicy,
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: identityPolicy })).default([]),
  Tags: tags,
  ...withoutEffect('Description', 'MaxSessionDuration', 'Path'),
});

const policy = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: identityPolicy,
  Roles: z.array(z.string()).min(1),
});

const permission = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
});

export const iamResources = [
  defineResource('AWS::IAM::Role', role, (properties, placement) => {
    const { cloud } = placement;
    const name = properties.RoleName ?? physicalName(placement);
    const roleArn = `arn:${cloud.partition}:iam::${cloud.account}:role/${name}`;
    cloud.policies.addRole(
      {
        logicalId: placement.logicalId,
        name,
        arn: roleArn,
        trust: properties.AssumeRolePolicyDocument,
      },
      properties.ManagedPolicyArns,
    );
    for (const { PolicyDocument } of properties.Policies) cloud.policies.addToRole(name, PolicyDocument);
    return { ref: name, attributes: { Arn: roleArn, RoleId: name } };
  }),

  defineResource('AWS::IAM::Policy', policy, (properties, { cloud }) => {
    for (const name of properties.Roles) cloud.policies.addToRole(name, properties.PolicyDocument);
    return { ref: properties.PolicyName };
  }),

  defineResource('AWS::Lambda::Permission', permission, (properties, { logicalId, cloud }) => {
    const { SourceArn, SourceAccount, FunctionName } = properties;
    const functionArn = FunctionName.startsWith('arn:')
      ? FunctionName
      : arn(cloud, 'lambda', `function:${FunctionName}`);
    const statement = {
      Effect: 'Allow',
      Action: properties.Action,
      Resource: functionArn,
      Principal: { Service: properties.Principal },
      ...(SourceArn || SourceAccount ? { Condition: sourceCondition(SourceArn, SourceAccount) } : {}),
    };
    cloud.policies.addToResource(functionArn, logicalId, resourcePolicy.parse({ Statement: [statement] }));
    return { ref: logicalId };
  }),
];

function sourceCondition(arn: string | undefined, account: string | undefined) {
  return {
    ...(arn && { ArnLike: { 'aws:SourceArn': arn } }),
    ...(account && { StringEquals: { 'aws:SourceAccount': account } }),
  };
}
