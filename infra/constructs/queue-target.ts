/** A queue as the target of a rule, which alone may send to it and to its dead letters. */
import type { IRuleTarget, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { WorkQueue } from './work-queue.ts';

/** What the queue does not take goes to its own dead letters, from where it is put back like any other. */
export function queueTarget(
  rule: Rule,
  { queue, deadLetters }: WorkQueue,
  input: RuleTargetInput,
): IRuleTarget {
  for (const one of [queue, deadLetters.queue]) allowRule(rule, one);
  return {
    bind: () => ({
      arn: queue.queueArn,
      input,
      deadLetterConfig: { arn: deadLetters.queue.queueArn },
      targetResource: queue,
    }),
  };
}

function allowRule(rule: Rule, queue: Queue): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
    }),
  );
}
