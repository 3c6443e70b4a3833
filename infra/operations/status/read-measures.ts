/** What only CloudWatch knows: how old things are, and what the daily sweep counted. */
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { type MeasuresFact, type QueueFact, type SourceFact, WORK_QUEUES } from './facts.ts';

const MINUTE_MS = 60_000;
/** SQS measures every minute, and is read some minutes later. */
const LATELY_MS = 15 * MINUTE_MS;
/** A sweep a day, and two hours for it to be late. */
const LAST_SWEEP_MS = 26 * 60 * MINUTE_MS;

/** @param namespace of the functions' own metrics: the stack's name */
export async function readMeasures(
  cloudWatch: CloudWatchClient,
  namespace: string,
  queues: readonly QueueFact[],
  sources: readonly SourceFact[],
): Promise<MeasuresFact> {
  const worked = queues.filter(({ name }) => (WORK_QUEUES as readonly string[]).includes(name));
  const readers = sources.find(({ name }) => name === 'stream')?.readers ?? [];
  const lately = await latest(cloudWatch, LATELY_MS, [
    ...worked.map(({ arn }, nth) =>
      query(`queue${nth}`, 60, ['AWS/SQS', 'ApproximateAgeOfOldestMessage'], {
        QueueName: arn.split(':').at(-1) ?? '',
      }),
    ),
    ...readers.map(({ functionName }, nth) =>
      query(`stream${nth}`, 60, ['AWS/Lambda', 'IteratorAge'], { FunctionName: functionName }),
    ),
  ]);
  const daily = await latest(cloudWatch, LAST_SWEEP_MS, [
    query('open', 3600, [namespace, 'OpenBeyond25Hours'], { service: 'sweep' }),
  ]);
  const ages = worked.flatMap(({ name }, nth) => {
    const age = lately.get(`queue${nth}`);
    return age === undefined ? [] : [[name, age] as const];
  });
  const behind = readers
    .flatMap(({ functionName }, nth) => {
      const ms = lately.get(`stream${nth}`);
      return ms === undefined ? [] : [{ functionName, ms }];
    })
    .sort((one, other) => other.ms - one.ms);
  return {
    oldestMessage: Object.fromEntries(ages),
    iteratorAge: behind[0],
    openBeyond25Hours: daily.get('open'),
  };
}

function query(
  Id: string,
  Period: number,
  [Namespace, MetricName]: readonly [string, string],
  dimensions: Readonly<Record<string, string>>,
): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat: 'Maximum' } };
}

/** The latest value of each query that has one. */
async function latest(
  client: CloudWatchClient,
  span: number,
  MetricDataQueries: MetricDataQuery[],
): Promise<Map<string, number>> {
  const now = Date.now();
  const request = {
    MetricDataQueries,
    StartTime: new Date(now - span),
    EndTime: new Date(now + MINUTE_MS),
    ScanBy: 'TimestampDescending',
  } as const;
  const { MetricDataResults = [] } = await client.send(new GetMetricDataCommand(request));
  return new Map(
    MetricDataResults.flatMap(({ Id = '', Values: [value] = [] }) =>
      value === undefined ? [] : [[Id, value]],
    ),
  );
}
