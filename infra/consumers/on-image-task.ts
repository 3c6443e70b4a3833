/**
 * For the CDK apps of other services: brings the events of Wanhook's bus to a function, a queue or a state machine.
 *
 *   new OnImageTask(this, 'OnPicture', { owner: 'shop', target: fn });
 *
 * Whoever is brought an event reads it with `parseEvent` of wanhook/client.
 */
import { Duration } from 'aws-cdk-lib';
import { EventBus, type EventPattern, type IEventBus, type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { detailTypes, EVENT_SOURCE, type Outcome } from '../../client/event.ts';
import { models as allModels, type ModelName } from '../../client/requests.ts';

export interface OnImageTaskProps {
  /** Wanhook's bus; the one named `wanhook` in this account and region unless told otherwise. */
  readonly bus?: IEventBus | EventBus;
  /** Of which outcomes; `completed` and `failed` unless told otherwise. */
  readonly outcomes?: readonly Outcome[];
  /** Of whose tasks; everyone's unless told otherwise. */
  readonly owner?: string | readonly string[];
  /** Of which models; all unless told otherwise. */
  readonly models?: readonly ModelName[];
  /** Gets EventBridge's event as it is. A target of aws-events-targets is taken as it is, its dead letters included. */
  readonly target: IFunction | IQueue | IStateMachine | IRuleTarget;
}

/** A rule on the bus. Events that the target does not take for 24 hours end in `deadLetters`. */
export class OnImageTask extends Construct {
  readonly rule: Rule;
  /** Undefined when the target is one of aws-events-targets, which has its own or none. */
  readonly deadLetters: IQueue | undefined;

  /** @throws Error for an empty list, an unknown outcome or model, or a FIFO queue */
  constructor(scope: Construct, id: string, props: OnImageTaskProps) {
    super(scope, id);
    const { bus = EventBus.fromEventBusName(this, 'Bus', 'wanhook'), target } = props;
    const eventPattern = patternOf(props);
    if (!('bind' in target)) this.deadLetters = this.#deadLetters();
    this.rule = new Rule(this, 'Rule', {
      // To a strict compiler the CDK's own EventBus is no IEventBus.
      eventBus: bus as IEventBus,
      eventPattern,
      targets: ['bind' in target ? target : ruleTarget(target, this.deadLetters!)],
    });
  }

  #deadLetters(): Queue {
    return new Queue(this, 'DeadLetters', {
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
  }
}

function patternOf({ outcomes = ['completed', 'failed'], owner, models }: OnImageTaskProps): EventPattern {
  const wanted = known('outcomes', outcomes, Object.keys(detailTypes) as Outcome[]);
  const detail = {
    ...(owner !== undefined && { owner: someOf('owner', [owner].flat()) }),
    ...(models !== undefined && { task: { model: known('models', models, allModels) } }),
  };
  return {
    source: [EVENT_SOURCE],
    detailType: wanted.map((outcome) => detailTypes[outcome]),
    ...(Object.keys(detail).length > 0 && { detail }),
  };
}

/** A rule that can never match is a mistake; here is where it is found. */
function known<T extends string>(name: string, given: readonly T[], allowed: readonly T[]): T[] {
  const stray = given.find((one) => !allowed.includes(one));
  if (stray !== undefined) throw new Error(`${name} holds ${stray}; allowed are ${allowed.join(', ')}`);
  return someOf(name, given);
}

function someOf<T extends string>(name: string, given: readonly T[]): T[] {
  if (given.length > 0 && given.every((one) => one !== '')) return [...given];
  throw new Error(`${name} must name at least one, and none that is empty`);
}

function ruleTarget(target: IFunction | IQueue | IStateMachine, deadLetterQueue: IQueue): IRuleTarget {
  if ('functionArn' in target) return new LambdaFunction(target, { deadLetterQueue });
  if ('stateMachineArn' in target) return new SfnStateMachine(target, { deadLetterQueue });
  if (target.fifo) {
    throw new Error(
      'a FIFO queue needs a message group: give new SqsQueue(queue, { messageGroupId }) of aws-events-targets as the target',
    );
  }
  return new SqsQueue(target, { deadLetterQueue });
}
