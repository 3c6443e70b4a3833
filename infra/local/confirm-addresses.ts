/** What whoever is to hear of alarms does with the mail that SNS sends: confirms the address. */
import { ConfirmSubscriptionCommand, SNSClient } from '@aws-sdk/client-sns';
import type { LocalDeployment } from './deploy.ts';

export async function confirmAddresses({ cloud, client }: LocalDeployment): Promise<void> {
  const sns = new SNSClient({ ...client, endpoint: cloud.endpoints.sns });
  for (const { topicArn, token } of cloud.confirmations()) {
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topicArn, Token: token }));
  }
}
