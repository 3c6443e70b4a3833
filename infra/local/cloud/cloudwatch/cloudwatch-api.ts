/** The CloudWatch API: reading metrics, and the states of alarms, which are evaluated when somebody asks. */
import * as z from 'zod';
import { operation } from '../aws/api.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { JsonService } from '../aws/json-service.ts';
import { type Alarm, type Condition, evaluateAlarm } from './alarm.ts';
import type { MetricStore } from './metric-store.ts';
import { evaluate, fullMinute, type MetricQuery, metricQuery, type Value } from './queries.ts';

/** Seconds since 1970. */
const time = z.number().min(0);
const getMetricData = z.strictObject({
  MetricDataQueries: z.array(metricQuery).min(1).max(500),
  StartTime: time,
  EndTime: time,
  ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).default('TimestampDescending'),
});
const describeAlarms = z.strictObject({
  AlarmNames: z.array(z.string()).max(100).optional(),
  AlarmNamePrefix: z.string().min(1).optional(),
  ActionPrefix: z.string().min(1).optional(),
  StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).optional(),
  MaxRecords: z.int().min(1).max(100).default(50),
  NextToken: z.string().regex(/^\d+$/, 'must be one that was answered').transform(Number).default(0),
});

export interface CloudWatchDependencies {
  readonly metrics: MetricStore;
  readonly alarms: readonly Alarm[];
  /** Measures what is only measured from time to time. */
  readonly sample: () => void;
  /** The ARN of what is named like `alarm:…`. */
  readonly arnOf: (resource: string) => string;
}

/** The CloudWatch service over the local metrics. */
export function cloudWatchService({ metrics, alarms, sample, arnOf }: CloudWatchDependencies): JsonService {
  return {
    name: 'CloudWatch',
    target: 'GraniteServiceVersion20100801',
    contentType: 'application/x-amz-json-1.0',
    invalidCode: 'ValidationError',
    operations: {
      GetMetricData: operation(
        getMetricData,
        () => ({ action: 'cloudwatch:GetMetricData', resource: '*' }),
        (input) => {
          const { MetricDataQueries: queries } = input;
          if (input.StartTime >= input.EndTime) {
            throw invalid('The parameter StartTime must be less than the parameter EndTime.');
          }
          refuseRepeated(queries);
          sample();
          return {
            MetricDataResults: queries
              .filter(({ ReturnData }) => ReturnData)
              .map((query) => resultOf(query, valuesOf(query, queries, input, metrics), input.ScanBy)),
            Messages: [],
          };
        },
      ),
      DescribeAlarms: operation(
        describeAlarms,
        () => ({ action: 'cloudwatch:DescribeAlarms', resource: arnOf('alarm:*') }),
        (input) => {
          if (input.AlarmNames && input.AlarmNamePrefix) {
            throw invalid('AlarmNamePrefix and AlarmNames are mutually exclusive.');
          }
          sample();
          const now = Date.now();
          const found = alarms
            .map((alarm) => described(alarm, metrics, now))
            .filter((one) => fits(one, input))
            .sort((one, other) => (one.AlarmName < other.AlarmName ? -1 : 1));
          const end = input.NextToken + input.MaxRecords;
          return {
            MetricAlarms: found.slice(input.NextToken, end),
            CompositeAlarms: [],
            ...(end < found.length && { NextToken: String(end) }),
          };
        },
      ),
    },
  };
}

function refuseRepeated(queries: readonly MetricQuery[]): void {
  const ids = queries.map(({ Id }) => Id);
  const repeated = ids.find((id, index) => ids.indexOf(id) < index);
  if (repeated) throw invalid(`The values for parameter id in MetricDataQueries are not unique: ${repeated}`);
}

function valuesOf(
  query: MetricQuery,
  all: readonly MetricQuery[],
  { StartTime, EndTime }: z.output<typeof getMetricData>,
  store: MetricStore,
): Value[] {
  try {
    return evaluate(store, query, all, { from: fullMinute(StartTime * 1000), to: EndTime * 1000 });
  } catch (cause) {
    throw invalid((cause as Error).message, cause);
  }
}

function resultOf(query: MetricQuery, ascending: readonly Value[], order: string) {
  const values = order === 'TimestampAscending' ? ascending : [...ascending].reverse();
  return {
    Id: query.Id,
    Label: query.Label ?? ('MetricStat' in query ? query.MetricStat.Metric.MetricName : query.Id),
    Timestamps: values.map(({ at }) => at / 1000),
    Values: values.map(({ value }) => value),
    StatusCode: 'Complete',
  };
}

function described(alarm: Alarm, metrics: MetricStore, now: number) {
  const { state, reason } = evaluateAlarm(metrics, alarm.condition, now);
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...(alarm.description !== undefined && { AlarmDescription: alarm.description }),
    ActionsEnabled: alarm.actionsEnabled,
    AlarmActions: alarm.alarmActions,
    OKActions: alarm.okActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    StateValue: state,
    StateReason: reason,
    ComparisonOperator: alarm.condition.comparison,
    DatapointsToAlarm: alarm.condition.datapointsToAlarm,
    EvaluationPeriods: alarm.condition.evaluationPeriods,
    Threshold: alarm.condition.threshold,
    TreatMissingData: alarm.condition.missingData,
    ...watchedBy(alarm.condition),
  };
}

function watchedBy({ isOfOneMetric, queries }: Condition) {
  const [only] = queries;
  if (!isOfOneMetric || !only || !('MetricStat' in only)) return { Metrics: queries };
  const { Metric, Period, Stat } = only.MetricStat;
  return { ...Metric, Period, Statistic: Stat };
}

type Described = ReturnType<typeof described>;

const fits = (one: Described, input: z.output<typeof describeAlarms>): boolean =>
  (input.AlarmNames?.includes(one.AlarmName) ?? true) &&
  one.AlarmName.startsWith(input.AlarmNamePrefix ?? '') &&
  (input.StateValue === undefined || one.StateValue === input.StateValue) &&
  (input.ActionPrefix === undefined ||
    [...one.AlarmActions, ...one.OKActions, ...one.InsufficientDataActions].some((action) =>
      action.startsWith(input.ActionPrefix!),
    ));

const invalid = (message: string, cause?: unknown): AwsError =>
  new AwsError('ValidationError', message, { cause });
