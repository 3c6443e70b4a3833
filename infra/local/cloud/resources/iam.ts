/** AWS::IAM::Role, AWS::IAM::Policy and AWS::Lambda::Permission: checked and kept, so that they can be looked up. */
import * as z from 'zod';
import { policyDocument } from '../iam/policies.ts';
import { defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const role = z.strictObject({
  RoleName: z.string().optional(),
  AssumeRolePolicyDocument: policyDocument,
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument })).default([]),
  Tags: tags,
  ...withoutEffect('Description', 'MaxSessionDuration', 'Path'),
});

const policy = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: policyDocument,
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
    const arn = `arn:${cloud.partition}:iam::${cloud.account}:role/${name}`;
    cloud.policies.addRole({
      name,
      arn,
      trust: properties.AssumeRolePolicyDocument,
      managedPolicies: properties.ManagedPolicyArns,
      policies: properties.Policies.map((one) => one.PolicyDocument),
    });
    return { ref: name, attributes: { Arn: arn, RoleId: name } };
  }),

  defineResource('AWS::IAM::Policy', policy, (properties, { cloud }) => {
    for (const name of properties.Roles) cloud.policies.role(name).policies.push(properties.PolicyDocument);
    return { ref: properties.PolicyName };
  }),

  defineResource('AWS::Lambda::Permission', permission, (properties, { logicalId, cloud }) => {
    const { SourceArn, SourceAccount } = properties;
    const statement = {
      Effect: 'Allow',
      Action: properties.Action,
      Resource: properties.FunctionName,
      Principal: { Service: properties.Principal },
      ...(SourceArn || SourceAccount ? { Condition: sourceCondition(SourceArn, SourceAccount) } : {}),
    };
    cloud.policies.onResources.push({
      resource: properties.FunctionName,
      document: { Statement: [statement] },
    });
    return { ref: logicalId };
  }),
];

function sourceCondition(arn: string | undefined, account: string | undefined) {
  return {
    ...(arn && { ArnLike: { 'aws:SourceArn': arn } }),
    ...(account && { StringEquals: { 'aws:SourceAccount': account } }),
  };
}
