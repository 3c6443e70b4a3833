/** Resources that do nothing here, and whose names others refer to: log groups, dashboards, CDK metadata. */
import * as z from 'zod';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const logGroup = z.strictObject({
  LogGroupName: z.string().optional(),
  Tags: tags,
  ...withoutEffect('DataProtectionPolicy', 'LogGroupClass', 'RetentionInDays'),
});

const dashboard = z.strictObject({ DashboardName: z.string().optional(), DashboardBody: z.string() });

export const inertResources = [
  defineResource('AWS::Logs::LogGroup', logGroup, (properties, placement) => {
    const name = properties.LogGroupName ?? physicalName(placement);
    return { ref: name, attributes: { Arn: arn(placement.cloud, 'logs', `log-group:${name}:*`) } };
  }),
  defineResource('AWS::CloudWatch::Dashboard', dashboard, (properties, placement) => ({
    ref: properties.DashboardName ?? physicalName(placement),
  })),
  defineResource(
    'AWS::CDK::Metadata',
    z.strictObject({ Analytics: z.string().optional() }),
    (_, { logicalId }) => ({
      ref: logicalId,
    }),
  ),
];
