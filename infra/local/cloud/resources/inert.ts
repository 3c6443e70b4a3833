/** Resources that do nothing here, and whose names others refer to: log groups, alarms, dashboards, topics, CDK metadata. */
import * as z from 'zod';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const logGroup = z.strictObject({
  LogGroupName: z.string().optional(),
  Tags: tags,
  ...withoutEffect('DataProtectionPolicy', 'LogGroupClass', 'RetentionInDays'),
});

const alarm = z.strictObject({
  AlarmName: z.string().optional(),
  Tags: tags,
  ...withoutEffect(
    'ActionsEnabled',
    'AlarmActions',
    'AlarmDescription',
    'ComparisonOperator',
    'DatapointsToAlarm',
    'Dimensions',
    'EvaluateLowSampleCountPercentile',
    'EvaluationPeriods',
    'ExtendedStatistic',
    'InsufficientDataActions',
    'MetricName',
    'Metrics',
    'Namespace',
    'OKActions',
    'Period',
    'Statistic',
    'Threshold',
    'ThresholdMetricId',
    'TreatMissingData',
    'Unit',
  ),
});

const dashboard = z.strictObject({ DashboardName: z.string().optional(), DashboardBody: z.string() });

const topic = z.strictObject({
  TopicName: z.string().optional(),
  Tags: tags,
  ...withoutEffect('DisplayName', 'Subscription'),
});

const topicPolicy = z.strictObject({
  Topics: z.array(z.string()),
  ...withoutEffect('PolicyDocument'),
});

const subscription = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.enum([
    'email',
    'email-json',
    'http',
    'https',
    'lambda',
    'sms',
    'sqs',
    'firehose',
    'application',
  ]),
  Endpoint: z.string().optional(),
  ...withoutEffect('FilterPolicy', 'FilterPolicyScope', 'RawMessageDelivery', 'RedrivePolicy'),
});

export const inertResources = [
  defineResource('AWS::Logs::LogGroup', logGroup, (properties, placement) => {
    const name = properties.LogGroupName ?? physicalName(placement);
    return { ref: name, attributes: { Arn: arn(placement.cloud, 'logs', `log-group:${name}:*`) } };
  }),
  defineResource('AWS::CloudWatch::Alarm', alarm, (properties, placement) => {
    const name = properties.AlarmName ?? physicalName(placement);
    return { ref: name, attributes: { Arn: arn(placement.cloud, 'cloudwatch', `alarm:${name}`) } };
  }),
  defineResource('AWS::CloudWatch::Dashboard', dashboard, (properties, placement) => ({
    ref: properties.DashboardName ?? physicalName(placement),
  })),
  defineResource('AWS::SNS::Topic', topic, (properties, placement) => {
    const name = properties.TopicName ?? physicalName(placement);
    const topicArn = arn(placement.cloud, 'sns', name);
    return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
  }),
  defineResource('AWS::SNS::TopicPolicy', topicPolicy, (_, { logicalId }) => ({ ref: logicalId })),
  defineResource('AWS::SNS::Subscription', subscription, ({ TopicArn }, placement) => ({
    ref: `${TopicArn}:${physicalName(placement)}`,
  })),
  defineResource(
    'AWS::CDK::Metadata',
    z.strictObject({ Analytics: z.string().optional() }),
    (_, { logicalId }) => ({
      ref: logicalId,
    }),
  ),
];
