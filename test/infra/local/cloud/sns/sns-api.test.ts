/** Topics and who listens to them, over SNS's API, as the SDK calls it. */
import {
  ConfirmSubscriptionCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { expect, test } from 'vitest';
import { bootCaller } from '../iam/caller.ts';
import { boot, ref } from '../stacks.ts';

async function bootTopic() {
  const cloud = await boot({
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
      Other: { Type: 'AWS::SNS::Topic', Properties: {} },
      Mail: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: ref('Topic'), Protocol: 'email', Endpoint: 'a&b@example.com' },
      },
    },
    Outputs: { Topic: { Value: ref('Topic') } },
  });
  const { endpoint, region, credentials } = cloud;
  const sns = new SNSClient({ endpoint, region, credentials, maxAttempts: 1 });
  const TopicArn = cloud.outputs.Topic!;
  return {
    cloud,
    sns,
    TopicArn,
    subscribe: (Protocol: string, Endpoint: string) =>
      sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint })),
    listed: async () => {
      const listed: Record<string, string | undefined> = {};
      let NextToken: string | undefined;
      do {
        const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
        for (const { Endpoint, SubscriptionArn } of page.Subscriptions ?? [])
          listed[Endpoint!] = SubscriptionArn;
        ({ NextToken } = page);
      } while (NextToken);
      return listed;
    },
  };
}

test('an address hears nothing until its owner confirms with what was sent to it', async () => {
  const { cloud, sns, TopicArn, listed } = await bootTopic();
  const before = await listed();
  const [mail] = cloud.confirmations();

  const wrong = await sns
    .send(new ConfirmSubscriptionCommand({ TopicArn, Token: 'guessed' }))
    .catch((error: Error) => error);
  const { SubscriptionArn } = await sns.send(
    new ConfirmSubscriptionCommand({ TopicArn, Token: mail?.token }),
  );

  expect(before).toEqual({ 'a&b@example.com': 'PendingConfirmation' });
  expect(mail).toMatchObject({ topicArn: TopicArn, endpoint: 'a&b@example.com' });
  expect(wrong).toMatchObject({ name: 'InvalidParameterException' });
  expect(await listed()).toEqual({ 'a&b@example.com': SubscriptionArn });
  expect(cloud.confirmations()).toEqual([]);
});

test('subscriptions made by API are listed page by page, and removed', async () => {
  const { subscribe, sns, listed } = await bootTopic();

  const queue = await subscribe('sqs', 'arn:aws:sqs:us-east-1:000000000000:jobs');
  const mail = await subscribe('email', 'c@example.com');
  await Promise.all(Array.from({ length: 100 }, (_, nth) => subscribe('email', `${nth}@example.com`)));
  const all = await listed();
  await sns.send(new UnsubscribeCommand({ SubscriptionArn: queue.SubscriptionArn }));

  expect(mail.SubscriptionArn).toBe('pending confirmation');
  expect(all['arn:aws:sqs:us-east-1:000000000000:jobs']).toBe(queue.SubscriptionArn);
  expect(Object.keys(all)).toHaveLength(103);
  expect(Object.keys(await listed())).toHaveLength(102);
});

test('what SNS would refuse is refused, and so is what is not known here', async () => {
  const { sns, subscribe, TopicArn } = await bootTopic();
  const refused = (sent: Promise<unknown>) => sent.catch((error: Error) => error);

  expect(
    await refused(sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: `${TopicArn}-not` }))),
  ).toMatchObject({ name: 'NotFoundException', $metadata: { httpStatusCode: 404 } });
  expect(await refused(subscribe('pigeon', 'loft'))).toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining('Protocol'),
  });
});

test('a function needs to be allowed to ask who listens', async () => {
  const { send } = await bootCaller([{ Effect: 'Allow', Action: 'sns:Publish', Resource: '*' }]);

  expect(
    await send('SNS', 'ListSubscriptionsByTopic', { TopicArn: 'arn:aws:sns:us-east-1:000000000000:topic' }),
  ).toMatchObject({
    name: 'AuthorizationErrorException',
    status: 403,
    message: expect.stringContaining('sns:ListSubscriptionsByTopic'),
  });
});
