/** An alarm on a metric that one of our functions counts. */
import type { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface MetricAlarmProps {
  /** The function's folder. */
  readonly service: string;
  readonly metricName: string;
  /** The one that it is counted with: an alarm sees no sum over reasons. Absent for a metric without. */
  readonly reason?: string;
  readonly description: string;
  readonly period: Duration;
  /** For so many periods in a row it must have been counted. */
  readonly periods: number;
}

/** Rings when the metric was counted at least once in each period. */
export function alarmOnMetric(scope: Construct, id: string, props: MetricAlarmProps): Alarm {
  return new Alarm(scope, id, {
    alarmDescription: props.description,
    metric: new Metric({
      namespace: 'Wanhook',
      metricName: props.metricName,
      dimensionsMap: { service: props.service, ...(props.reason !== undefined && { reason: props.reason }) },
      statistic: 'Sum',
      period: props.period,
    }),
    threshold: 1,
    evaluationPeriods: props.periods,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}
