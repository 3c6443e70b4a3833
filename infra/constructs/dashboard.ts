/**
 * The dashboard: one row for the way of a task, one for time, bytes and money, one for what waits, one for what fails.
 * What functions measure themselves is in shared/runtime/metrics.ts.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { definitions, modelNames, providerOf } from '../../shared/providers/definitions.ts';
import type { CountedMetric, MeasuredMetric } from '../../shared/runtime/metrics.ts';

export interface DashboardProps {
  readonly functions: readonly IFunction[];
  /** By name. */
  readonly queues: Readonly<Record<string, IQueue>>;
  readonly deadLetters: Readonly<Record<string, IQueue>>;
  /** The function that reads the stream. */
  readonly publish: IFunction;
  readonly images: Bucket;
  readonly apiId: string;
}

type Service = 'submit' | 'publish' | 'callback' | 'check' | 'sweep';
type Name = CountedMetric | MeasuredMetric;

const period = Duration.minutes(5);
const WIDTH = 24;
const HEIGHT = 6;

export class TaskDashboard extends Construct {
  readonly #dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    this.#dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: Stack.of(this).stackName,
      defaultInterval: Duration.days(1),
    });
    this.#row(
      this.#tasks('Submitted', 'publish', 'TaskCreated'),
      this.#tasks('Accepted by the provider', 'submit', 'TaskSubmitted', { reason: 'accepted' }),
      this.#tasks('Completed', 'publish', 'TaskCompleted'),
      this.#tasks('Failed', 'publish', 'TaskFailed'),
    );
    this.#row(
      graph('Callback to event, ms', [
        ...this.#byModel('publish', 'CallbackToEvent', { statistic: Stats.p(50), suffix: ' p50' }),
        ...this.#byModel('publish', 'CallbackToEvent', { statistic: Stats.p(99), suffix: ' p99' }),
      ]),
      graph('Images archived, bytes', this.#byModel('publish', 'ArchivedBytes'), true),
      graph('In the bucket, bytes', [bucketSize(props.images)]),
      graph('Charged a day, by model and currency', [this.#charged()], true),
    );
    this.#row(
      graph(
        'Messages that wait',
        each(props.queues, (queue, label) => visible(queue, label)),
        true,
      ),
      graph(
        'Oldest message, s',
        each(props.queues, (queue, label) => oldest(queue, label)),
      ),
      graph(
        'Dead letters',
        each(props.deadLetters, (queue, label) => visible(queue, label)),
        true,
      ),
      graph('Stream, ms behind', [
        props.publish.metric('IteratorAge', { statistic: Stats.MAXIMUM, period, label: 'publish' }),
      ]),
    );
    this.#row(
      graph(
        'Function errors',
        of(props.functions, (fn, label) => fn.metricErrors({ period, label })),
        true,
      ),
      graph(
        'Function throttles',
        of(props.functions, (fn, label) => fn.metricThrottles({ period, label })),
        true,
      ),
      graph(
        'HTTP API: requests and refusals',
        ['Count', '4xx', '5xx'].map((name) => http(props.apiId, name)),
      ),
      graph('Open beyond 25 hours', [
        this.#metric(
          'sweep',
          'OpenBeyond25Hours',
          {},
          { statistic: Stats.MAXIMUM, period: Duration.days(1) },
        ),
      ]),
    );
  }

  #row(...widgets: readonly GraphWidget[]): void {
    this.#dashboard.addWidgets(...widgets);
  }

  #tasks(title: string, service: Service, name: Name, dimensions = {}): GraphWidget {
    return graph(title, this.#byModel(service, name, { dimensions }), true);
  }

  /** One line a model, with its provider's name before it. */
  #byModel(
    service: Service,
    name: Name,
    options: { dimensions?: Record<string, string>; statistic?: string; suffix?: string } = {},
  ): IMetric[] {
    const { dimensions = {}, statistic = Stats.SUM, suffix = '' } = options;
    return modelNames.map((model) =>
      this.#metric(
        service,
        name,
        { ...dimensions, model },
        {
          statistic,
          label: `${definitions[providerOf(model)].title} ${model}${suffix}`,
        },
      ),
    );
  }

  #metric(
    service: Service,
    metricName: Name,
    dimensions: Record<string, string>,
    options: { statistic: string; period?: Duration; label?: string },
  ): Metric {
    const { stackName: namespace } = Stack.of(this);
    return new Metric({
      namespace,
      metricName,
      dimensionsMap: { service, ...dimensions },
      period,
      ...options,
    });
  }

  /** Which currencies there are is the operator's and the providers' to say, so they are searched for. */
  #charged(): IMetric {
    const search = `{"${Stack.of(this).stackName}",currency,model,service} MetricName="Charged"`;
    return new MathExpression({
      expression: `SEARCH('${search}', 'Sum', ${Duration.days(1).toSeconds()})`,
      usingMetrics: {},
      label: '',
      period: Duration.days(1),
    });
  }
}

const graph = (title: string, left: IMetric[], stacked = false): GraphWidget =>
  new GraphWidget({ title, left, stacked, width: WIDTH / 4, height: HEIGHT, leftYAxis: { min: 0 } });

const each = (
  queues: Readonly<Record<string, IQueue>>,
  metricOf: (queue: IQueue, label: string) => IMetric,
): IMetric[] => Object.entries(queues).map(([label, queue]) => metricOf(queue, label));

const of = (
  functions: readonly IFunction[],
  metricOf: (fn: IFunction, label: string) => IMetric,
): IMetric[] => functions.map((fn) => metricOf(fn, fn.node.id));

const visible = (queue: IQueue, label: string) =>
  queue.metricApproximateNumberOfMessagesVisible({ period, label, statistic: Stats.MAXIMUM });

const oldest = (queue: IQueue, label: string) =>
  queue.metricApproximateAgeOfOldestMessage({ period, label, statistic: Stats.MAXIMUM });

const http = (ApiId: string, metricName: string) =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiId },
    statistic: Stats.SUM,
    period,
    label: metricName,
  });

/** S3 reports it once a day. */
const bucketSize = ({ bucketName: BucketName }: Bucket) =>
  new Metric({
    namespace: 'AWS/S3',
    metricName: 'BucketSizeBytes',
    dimensionsMap: { BucketName, StorageType: 'StandardStorage' },
    statistic: Stats.MAXIMUM,
    period: Duration.days(1),
    label: 'images',
  });
