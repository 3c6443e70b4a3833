/**
 * Every alarm, and whom they ring. Each says what is wrong and links to the paragraph of the runbook that mends it. What is
 * normal once is not alarming: a provider down for a minute, one throttled invocation.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { COUNTED, type CountedAlarm } from './counted-alarms.ts';

export interface AlarmsProps {
  readonly settings: Pick<Settings, 'alarmEmails' | 'runbookUrl'>;
  readonly functions: readonly IFunction[];
  /** By the queue's name in the outputs. */
  readonly deadLetters: Readonly<Record<string, IQueue>>;
  readonly callbacks: IQueue;
  /** The functions that read the stream. */
  readonly publish: IFunction;
  readonly ledger: IFunction;
  /** Those of the functions that cannot fail three times in a row, because they run once a day. */
  readonly runDaily: readonly IFunction[];
  /** What invokes them. */
  readonly dailyRule: IRule;
  readonly apiId: string;
  /** The path of the route on which providers call back. */
  readonly callbackPath: string;
}

interface Condition {
  readonly metric: IMetric;
  readonly threshold: number;
  /** For so many periods in a row. */
  readonly periods: number;
  readonly description: string;
  /** A heading of docs/runbook.md, as the link has it. */
  readonly runbook: string;
}

export class Alarms extends Construct {
  readonly topic: Topic;
  readonly #runbookUrl: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#runbookUrl = props.settings.runbookUrl;
    this.topic = new Topic(this, 'Topic', { displayName: Stack.of(this).stackName, enforceSSL: true });
    // The policy that enforces TLS takes the place of SNS's own, which lets the account's alarms publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    for (const email of props.settings.alarmEmails) this.topic.addSubscription(new EmailSubscription(email));

    for (const [name, queue] of Object.entries(props.deadLetters)) this.#onDeadLetters(name, queue);
    for (const fn of props.functions) this.#onFunction(fn.node.id, fn, props.runDaily.includes(fn));
    for (const counted of COUNTED) this.#onCounted(counted);
    this.#onWaiting(props);
    this.#onApi(props.apiId);
    this.#onCallbackRoute(props);
    this.#onDailyRule(props.dailyRule);
  }

  #onDeadLetters(name: string, queue: IQueue): void {
    this.#alarm(name, {
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) }),
      threshold: 1,
      periods: 1,
      description: `${name} has messages: nothing handles them until they are put back`,
      runbook: 'dead-letters',
    });
  }

  #onFunction(name: string, fn: IFunction, runsDaily: boolean): void {
    const period = Duration.minutes(5);
    const periods = runsDaily ? 1 : 3;
    const howLong = runsDaily ? '' : ' for a quarter of an hour';
    this.#alarm(`${name}Errors`, {
      metric: fn.metricErrors({ period }),
      threshold: 1,
      periods,
      description: `The function ${name} has failed${howLong}`,
      runbook: 'function-errors',
    });
    this.#alarm(`${name}Throttles`, {
      metric: fn.metricThrottles({ period }),
      threshold: 1,
      periods,
      description: `The function ${name} has been throttled${howLong}`,
      runbook: 'function-throttles',
    });
  }

  #onWaiting({ callbacks, publish, ledger }: AlarmsProps): void {
    this.#alarm('OldestCallback', {
      metric: callbacks.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5) }),
      threshold: Duration.hours(1).toSeconds(),
      periods: 1,
      description:
        'A callback has waited for an hour; the links of its images die 24 hours after they were made',
      runbook: 'oldest-callback',
    });
    const iteratorAge = (fn: IFunction) =>
      fn.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: Duration.minutes(5) });
    this.#alarm('StreamAge', {
      metric: iteratorAge(publish),
      threshold: Duration.minutes(10).toMilliseconds(),
      periods: 1,
      description: 'Events and timers are ten minutes late; the stream remembers 24 hours',
      runbook: 'stream-age',
    });
    this.#alarm('LedgerAge', {
      metric: iteratorAge(ledger),
      threshold: Duration.hours(1).toMilliseconds(),
      periods: 1,
      description: 'Usage is an hour late; the stream remembers 24 hours',
      runbook: 'usage-not-counted',
    });
  }

  #onApi(ApiId: string): void {
    const metric = (metricName: string) => gatewayMetric(metricName, { ApiId });
    this.#alarm('ApiServerErrors', {
      metric: metric('5xx'),
      threshold: 1,
      periods: 2,
      description: 'The HTTP API has answered with 5xx for ten minutes',
      runbook: 'http-api-errors',
    });
    this.#alarm('ApiClientErrors', {
      metric: metric('4xx'),
      threshold: 1000,
      periods: 1,
      description: 'The HTTP API has refused 1,000 requests within five minutes',
      runbook: 'http-api-errors',
    });
  }

  /** Metrics by route: what the ingress itself refuses of a provider's callbacks, no function ever sees. */
  #onCallbackRoute({ apiId: ApiId, callbackPath: Resource }: AlarmsProps): void {
    const route = { ApiId, Stage: '$default', Method: 'POST', Resource };
    this.#alarm('CallbacksNotQueued', {
      metric: gatewayMetric('5xx', route),
      threshold: 1,
      periods: 1,
      description: 'A callback was answered with 5xx: API Gateway could not write it to the queue',
      runbook: 'callbacks-refused',
    });
    this.#alarm('CallbacksRefused', {
      metric: gatewayMetric('4xx', route),
      threshold: 20,
      periods: 1,
      description: 'Twenty callbacks within five minutes were refused: too many at once, or too large',
      runbook: 'callbacks-refused',
    });
  }

  #onDailyRule({ ruleName: RuleName }: IRule): void {
    this.#alarm('SweepNotInvoked', {
      metric: new Metric({
        namespace: 'AWS/Events',
        metricName: 'FailedInvocations',
        dimensionsMap: { RuleName },
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      }),
      threshold: 1,
      periods: 1,
      description: 'The schedule could not invoke the daily sweep: nobody counts the tasks that nothing ends',
      runbook: 'open-beyond-25-hours',
    });
  }

  #onCounted({ id, service, metricName, reasons, minutes, ...condition }: CountedAlarm): void {
    const period = Duration.minutes(minutes);
    const metric = (dimensions: Record<string, string> = {}) =>
      new Metric({
        namespace: Stack.of(this).stackName,
        metricName,
        dimensionsMap: { service, ...dimensions },
        statistic: Stats.SUM,
        period,
      });
    const [first, ...more] = (reasons ?? []).map((reason) => metric({ reason }));
    const counted = first && more.length > 0 ? sum([first, ...more], period) : (first ?? metric());
    this.#alarm(id, { metric: counted, ...condition });
  }

  #alarm(id: string, { metric, description, runbook, threshold, periods }: Condition): void {
    new Alarm(this, id, {
      alarmDescription: `${description}. ${this.#runbookUrl}#${runbook}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(this.topic as ITopic));
  }
}

const gatewayMetric = (metricName: string, dimensionsMap: Record<string, string>): Metric =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap,
    statistic: Stats.SUM,
    period: Duration.minutes(5),
  });

/** CloudWatch keeps each reason apart, and an alarm sees no sum over all of them: they have to be named. */
function sum(metrics: readonly Metric[], period: Duration): IMetric {
  const usingMetrics = Object.fromEntries(metrics.map((metric, nth) => [`m${nth}`, metric]));
  const expression = `SUM([${Object.keys(usingMetrics).map((id) => `FILL(${id}, 0)`)}])`;
  return new MathExpression({ expression, usingMetrics, period });
}
