/** What the operations on queues need to be allowed (SQS developer guide, "Amazon SQS API permissions"). */
import type { Need } from '../iam/evaluate.ts';
import type { Queues } from './queues.ts';

/** A batch needs no other action than its single form. */
export function need(action: string, resource: string): Need {
  return { action: `sqs:${action}`, resource };
}

/** A move reads from one queue and sends to others (SQS developer guide, "Configuring queue permissions for dead-letter queue redrive"). */
export function needsOfMove(
  queues: Queues,
  { SourceArn, DestinationArn }: { SourceArn: string; DestinationArn?: string | undefined },
): Need[] {
  const destinations =
    DestinationArn === undefined
      ? queues.sourcesOf(SourceArn).map(({ settings }) => settings.arn)
      : [DestinationArn];
  return [
    ...['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) =>
      need(action, SourceArn),
    ),
    ...destinations.map((arn) => need('SendMessage', arn)),
  ];
}
