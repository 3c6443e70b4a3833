/**
 * AWS::CloudWatch::Alarm, and AWS::SNS::Topic with its policy and subscriptions. No alarm rings here, but each one could: the
 * policy of its topic has to let CloudWatch publish, which AWS tells only when the alarm is to ring.
 */
import * as z from 'zod';
import type { CloudState } from '../cloud-state.ts';
import { resourcePolicy } from '../iam/statement.ts';
import { TemplateError } from '../template/template-error.ts';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const actions = z.array(z.string()).default([]);

const alarm = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmActions: actions,
  InsufficientDataActions: actions,
  OKActions: actions,
  Tags: tags,
  ...withoutEffect(
    'ActionsEnabled',
    'AlarmDescription',
    'ComparisonOperator',
    'DatapointsToAlarm',
    'Dimensions',
    'EvaluateLowSampleCountPercentile',
    'EvaluationPeriods',
    'ExtendedStatistic',
    'MetricName',
    'Metrics',
    'Namespace',
    'Period',
    'Statistic',
    'Threshold',
    'ThresholdMetricId',
    'TreatMissingData',
    'Unit',
  ),
});

const topic = z.strictObject({
  TopicName: z.string().optional(),
  Tags: tags,
  ...withoutEffect('DisplayName', 'Subscription'),
});

const topicPolicy = z.strictObject({ Topics: z.array(z.string()), PolicyDocument: resourcePolicy });

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

export const alarmResources = [
  defineResource('AWS::CloudWatch::Alarm', alarm, (properties, placement) => {
    const name = properties.AlarmName ?? physicalName(placement);
    const alarmArn = arn(placement.cloud, 'cloudwatch', `alarm:${name}`);
    const { AlarmActions, InsufficientDataActions, OKActions } = properties;
    const topics = [...AlarmActions, ...InsufficientDataActions, ...OKActions];
    placement.cloud.alarms.push({ logicalId: placement.logicalId, arn: alarmArn, topics });
    return { ref: name, attributes: { Arn: alarmArn } };
  }),
  defineResource('AWS::SNS::Topic', topic, (properties, placement) => {
    const name = properties.TopicName ?? physicalName(placement);
    const topicArn = arn(placement.cloud, 'sns', name);
    return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
  }),
  defineResource('AWS::SNS::TopicPolicy', topicPolicy, (properties, { logicalId, cloud }) => {
    for (const one of properties.Topics) {
      cloud.policies.addToResource(one, logicalId, properties.PolicyDocument);
    }
    return { ref: logicalId };
  }),
  defineResource('AWS::SNS::Subscription', subscription, ({ TopicArn }, placement) => ({
    ref: `${TopicArn}:${physicalName(placement)}`,
  })),
];

/**
 * To be called when every policy is there. A topic without a policy has AWS's own, which lets the whole account publish.
 * @throws TemplateError that names an alarm which would ring nobody, because of its topic's policy
 */
export function expectAlarmsRing({ alarms, policies, access, account }: CloudState): void {
  for (const { logicalId, arn: sourceArn, topics } of alarms) {
    for (const resource of topics.filter((one) => policies.onResource(one).length > 0)) {
      try {
        const cloudWatch = { kind: 'service', name: 'cloudwatch.amazonaws.com', sourceArn, account } as const;
        access.authorize(cloudWatch, [{ action: 'sns:Publish', resource }]);
      } catch (cause) {
        throw new TemplateError(`resource ${logicalId} (AWS::CloudWatch::Alarm) rings nobody: ${cause}`, {
          cause,
        });
      }
    }
  }
}
