/** The bus that other services listen to, with what an operator may want of it: an archive, and consumers elsewhere. */
import { Duration, Stack } from 'aws-cdk-lib';
import { CfnEventBusPolicy, EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../shared/events/names.ts';
import type { Settings } from '../settings.ts';

/** A function and no construct: the bus keeps the name that consumers know. */
export function eventBus(
  scope: Construct,
  { eventArchiveDays, consumerAccounts }: Pick<Settings, 'eventArchiveDays' | 'consumerAccounts'>,
): EventBus {
  const bus = new EventBus(scope, 'Bus', { eventBusName: Stack.of(scope).stackName.toLowerCase() });
  if (eventArchiveDays !== undefined) {
    bus.archive('Archive', {
      description: 'Events of tasks, to be replayed to a consumer that lost them',
      eventPattern: { source: [EVENT_SOURCE] },
      retention: Duration.days(eventArchiveDays),
    });
  }
  for (const account of consumerAccounts) allowRulesOf(scope, bus, account);
  return bus;
}

/** An account may manage rules on the bus, but none that another account has made. */
function allowRulesOf(scope: Construct, bus: EventBus, account: string): void {
  const { partition, region, account: own } = Stack.of(scope);
  new CfnEventBusPolicy(scope, `Consumer${account}`, {
    eventBusName: bus.eventBusName,
    statementId: `Consumer${account}`,
    statement: {
      Sid: `Consumer${account}`,
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: [
        'events:DeleteRule',
        'events:DescribeRule',
        'events:DisableRule',
        'events:EnableRule',
        'events:ListTargetsByRule',
        'events:PutRule',
        'events:PutTargets',
        'events:RemoveTargets',
      ],
      Resource: `arn:${partition}:events:${region}:${own}:rule/${bus.eventBusName}/*`,
      Condition: { StringEqualsIfExists: { 'events:creatorAccount': account } },
    },
  });
}
