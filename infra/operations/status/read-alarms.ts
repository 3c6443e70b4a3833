/** The alarms of the deployment, which are those that ring at its topic, and who listens there. */
import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import type { AlarmFact, ListenerFact } from './facts.ts';

export async function readAlarms(client: CloudWatchClient, topic: string): Promise<AlarmFact[]> {
  const found: MetricAlarm[] = [];
  for await (const page of paginateDescribeAlarms({ client }, { ActionPrefix: topic })) {
    found.push(...(page.MetricAlarms ?? []));
  }
  return found.map((alarm) => {
    const functionName = alarm.Dimensions?.find(({ Name }) => Name === 'FunctionName')?.Value;
    return {
      name: alarm.AlarmName ?? '',
      description: alarm.AlarmDescription ?? '',
      state: alarm.StateValue ?? '',
      rings: alarm.ActionsEnabled !== false,
      ...(functionName !== undefined && { functionName }),
    };
  });
}

export async function readListeners(client: SNSClient, topic: string): Promise<ListenerFact[]> {
  const found: ListenerFact[] = [];
  for await (const page of paginateListSubscriptionsByTopic({ client }, { TopicArn: topic })) {
    for (const { Endpoint = '', Protocol = '', SubscriptionArn = '' } of page.Subscriptions ?? []) {
      found.push({
        endpoint: Endpoint,
        protocol: Protocol,
        // SNS says PendingConfirmation, or Deleted, where the ARN would be.
        isConfirmed: SubscriptionArn.startsWith('arn:'),
      });
    }
  }
  return found;
}
