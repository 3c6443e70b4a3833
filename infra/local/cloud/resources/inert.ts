/** Resources that do nothing here, and whose names others refer to: log groups, dashboards, CDK metadata. */
import * as z from 'zod';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const logGroup = z.strictObject({
  LogGroupName: z.string().optional(),
  Tags: tags,
  ...withoutEffect('DataProtectionPolicy', 'LogGroupClass', 'RetentionInDays'),
});

const dashboard = z.strictObject({ DashboardName: z.string().optional(), DashboardBody: z.string() });

const archive = z.strictObject({
  ArchiveName: z.string().optional(),
  SourceArn: z.string(),
  ...withoutEffect('Description', 'EventPattern', 'RetentionDays'),
});

/** Nobody of another account is here. */
const eventBusPolicy = z.strictObject({
  EventBusName: z.string().optional(),
  StatementId: z.string(),
  ...withoutEffect('Statement'),
});

export const inertResources = [
  defineResource('AWS::Logs::LogGroup', logGroup, (properties, placement) => {
    const name = properties.LogGroupName ?? physicalName(placement);
    return { ref: name, attributes: { Arn: arn(placement.cloud, 'logs', `log-group:${name}:*`) } };
  }),
  defineResource('AWS::CloudWatch::Dashboard', dashboard, (properties, placement) => ({
    ref: properties.DashboardName ?? physicalName(placement),
  })),
  defineResource('AWS::Events::Archive', archive, ({ ArchiveName }, placement) => {
    const name = ArchiveName ?? physicalName(placement);
    return {
      ref: name,
      attributes: { ArchiveName: name, Arn: arn(placement.cloud, 'events', `archive/${name}`) },
    };
  }),
  defineResource('AWS::Events::EventBusPolicy', eventBusPolicy, ({ StatementId }) => ({ ref: StatementId })),
  defineResource(
    'AWS::CDK::Metadata',
    z.strictObject({ Analytics: z.string().optional() }),
    (_, { logicalId }) => ({
      ref: logicalId,
    }),
  ),
];
