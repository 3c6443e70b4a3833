/** The SNS API: subscribing to a topic, confirming, unsubscribing, and who has. */
import * as z from 'zod';
import { operation } from '../aws/api.ts';
import type { QueryService } from '../aws/query-service.ts';
import { PROTOCOLS, type Subscription, type Subscriptions } from './subscriptions.ts';

/** SNS's own. */
const PAGE = 100;

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const list = z.strictObject({
  TopicArn: z.string(),
  NextToken: z.string().regex(/^\d+$/, 'must be one that was answered').transform(Number).default(0),
});
const subscribe = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.enum(PROTOCOLS),
  Endpoint: z.string().min(1),
  ReturnSubscriptionArn: flag.default(false),
});
const confirm = z.strictObject({ TopicArn: z.string(), Token: z.string() });
const unsubscribe = z.strictObject({ SubscriptionArn: z.string() });

/** The SNS service over the local subscriptions. */
export function snsService(subscriptions: Subscriptions, account: string): QueryService {
  const may = (action: string) => (input: { TopicArn: string }) => ({
    action: `sns:${action}`,
    resource: input.TopicArn,
  });
  return {
    name: 'SNS',
    version: '2010-03-31',
    namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    invalidCode: 'InvalidParameter',
    operations: {
      ListSubscriptionsByTopic: operation(
        list,
        may('ListSubscriptionsByTopic'),
        ({ TopicArn, NextToken: start }) => {
          const all = subscriptions.of(TopicArn);
          const end = start + PAGE;
          return {
            Subscriptions: all.slice(start, end).map((one) => listed(one, account)),
            ...(end < all.length && { NextToken: String(end) }),
          };
        },
      ),
      Subscribe: operation(subscribe, may('Subscribe'), (input) => {
        const made = subscriptions.subscribe(input.TopicArn, input.Protocol, input.Endpoint);
        const isShown = made.isConfirmed || input.ReturnSubscriptionArn;
        return { SubscriptionArn: isShown ? made.arn : 'pending confirmation' };
      }),
      ConfirmSubscription: operation(confirm, may('ConfirmSubscription'), ({ TopicArn, Token }) => ({
        SubscriptionArn: subscriptions.confirm(TopicArn, Token).arn,
      })),
      Unsubscribe: operation(
        unsubscribe,
        ({ SubscriptionArn }) => ({ action: 'sns:Unsubscribe', resource: SubscriptionArn }),
        ({ SubscriptionArn }) => subscriptions.unsubscribe(SubscriptionArn),
      ),
    },
  };
}

const listed = ({ arn, topicArn, protocol, endpoint, isConfirmed }: Subscription, account: string) => ({
  SubscriptionArn: isConfirmed ? arn : 'PendingConfirmation',
  Owner: account,
  Protocol: protocol,
  Endpoint: endpoint,
  TopicArn: topicArn,
});
