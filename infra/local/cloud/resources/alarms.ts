/**
 * AWS::CloudWatch::Alarm, and AWS::SNS::Topic with its policy and subscriptions. No alarm rings here, but each one could: the
 * policy of its topic has to let CloudWatch publish, which AWS tells only when the alarm is to ring.
 */
import * as z from 'zod';
import type { CloudState } from '../cloud-state.ts';
import { COMPARISONS, type Comparison, type Condition } from '../cloudwatch/alarm.ts';
import { dimensions, type MetricQuery, metricQuery, period, statistic } from '../cloudwatch/queries.ts';
import { resourcePolicy } from '../iam/statement.ts';
import { PROTOCOLS } from '../sns/subscriptions.ts';
import { TemplateError } from '../template/template-error.ts';
import { arn, defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const actions = z.array(z.string()).max(5).default([]);

const alarm = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: actions,
  InsufficientDataActions: actions,
  OKActions: actions,
  ComparisonOperator: z.enum(Object.keys(COMPARISONS) as [Comparison]),
  DatapointsToAlarm: z.int().min(1).optional(),
  EvaluationPeriods: z.int().min(1),
  Threshold: z.number(),
  TreatMissingData: z.enum(['missing', 'breaching', 'notBreaching']).default('missing'),
  // One metric, or several queries
  Dimensions: dimensions,
  MetricName: z.string().optional(),
  Namespace: z.string().optional(),
  Period: period.optional(),
  Statistic: statistic.optional(),
  Metrics: z.array(metricQuery).min(1).max(20).optional(),
  Tags: tags,
});

type AlarmProperties = z.output<typeof alarm>;

const topic = z.strictObject({
  TopicName: z.string().optional(),
  Tags: tags,
  ...withoutEffect('DisplayName', 'Subscription'),
});

const topicPolicy = z.strictObject({ Topics: z.array(z.string()), PolicyDocument: resourcePolicy });

const subscription = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.enum(PROTOCOLS),
  Endpoint: z.string(),
  ...withoutEffect('FilterPolicy', 'FilterPolicyScope', 'RawMessageDelivery', 'RedrivePolicy'),
});

export const alarmResources = [
  defineResource('AWS::CloudWatch::Alarm', alarm, (properties, placement) => {
    const name = properties.AlarmName ?? physicalName(placement);
    const alarmArn = arn(placement.cloud, 'cloudwatch', `alarm:${name}`);
    placement.cloud.alarms.push({
      logicalId: placement.logicalId,
      name,
      arn: alarmArn,
      description: properties.AlarmDescription,
      actionsEnabled: properties.ActionsEnabled,
      alarmActions: properties.AlarmActions,
      okActions: properties.OKActions,
      insufficientDataActions: properties.InsufficientDataActions,
      condition: conditionOf(properties),
    });
    return { ref: name, attributes: { Arn: alarmArn } };
  }),
  defineResource('AWS::SNS::Topic', topic, (properties, placement) => {
    const name = properties.TopicName ?? physicalName(placement);
    const topicArn = arn(placement.cloud, 'sns', name);
    placement.cloud.subscriptions.createTopic(topicArn);
    return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
  }),
  defineResource('AWS::SNS::TopicPolicy', topicPolicy, (properties, { logicalId, cloud }) => {
    for (const one of properties.Topics) {
      cloud.policies.addToResource(one, logicalId, properties.PolicyDocument);
    }
    return { ref: logicalId };
  }),
  defineResource('AWS::SNS::Subscription', subscription, ({ TopicArn, Protocol, Endpoint }, { cloud }) => ({
    ref: cloud.subscriptions.subscribe(TopicArn, Protocol, Endpoint).arn,
  })),
];

function conditionOf(properties: AlarmProperties): Condition {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = properties;
  if (DatapointsToAlarm > EvaluationPeriods) {
    throw new Error('property DatapointsToAlarm must be at most EvaluationPeriods');
  }
  const queries = properties.Metrics ?? [singleMetric(properties)];
  if (queries.filter(({ ReturnData }) => ReturnData).length !== 1) {
    throw new Error('property Metrics must have exactly one query that returns data');
  }
  return {
    isOfOneMetric: properties.Metrics === undefined,
    queries,
    threshold: properties.Threshold,
    comparison: properties.ComparisonOperator,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm,
    missingData: properties.TreatMissingData,
  };
}

function singleMetric({
  Dimensions,
  MetricName,
  Namespace,
  Period,
  Statistic,
}: AlarmProperties): MetricQuery {
  if (!MetricName || !Namespace || Period === undefined || !Statistic) {
    throw new Error('properties MetricName, Namespace, Period and Statistic are needed, or Metrics');
  }
  const Metric = { Namespace, MetricName, Dimensions };
  return { Id: 'metric', MetricStat: { Metric, Period, Stat: Statistic }, ReturnData: true };
}

/**
 * To be called when every policy is there. A topic without a policy has AWS's own, which lets the whole account publish.
 * @throws TemplateError that names an alarm which would ring nobody, because of its topic's policy
 */
export function expectAlarmsRing({ alarms, policies, access, account }: CloudState): void {
  for (const { logicalId, arn: sourceArn, ...alarm } of alarms) {
    const topics = [...alarm.alarmActions, ...alarm.insufficientDataActions, ...alarm.okActions];
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
