/** A metric alarm: its definition, and the state that it is in at a time (CloudWatch user guide, "Alarm evaluation"). */
import type { MetricStore } from './metric-store.ts';
import { evaluate, fullMinute, type MetricQuery, periodOf } from './queries.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type Comparison = keyof typeof COMPARISONS;
export type MissingData = 'missing' | 'breaching' | 'notBreaching';

export interface Alarm {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly actionsEnabled: boolean;
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
  readonly condition: Condition;
}

export interface Condition {
  /** Whether it was defined by one metric alone, as which it is described then. */
  readonly isOfOneMetric: boolean;
  /** Of which one returns data: the one that is watched. */
  readonly queries: readonly MetricQuery[];
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: MissingData;
}

export const COMPARISONS = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
} as const;

export interface Evaluated {
  readonly state: AlarmState;
  readonly reason: string;
}

/**
 * What the last periods amount to, of which the latest ends with the present minute.
 * @param now milliseconds since 1970
 */
export function evaluateAlarm(store: MetricStore, condition: Condition, now: number): Evaluated {
  const { queries, threshold, comparison, evaluationPeriods, datapointsToAlarm, missingData } = condition;
  const watched = queries.find(({ ReturnData }) => ReturnData)!;
  const to = fullMinute(now) + 60_000;
  const from = to - evaluationPeriods * periodOf(watched, queries) * 1000;
  const values = evaluate(store, watched, queries, { from, to }).map(({ value }) => value);
  const missing = evaluationPeriods - values.length;
  const breaching = values.filter((value) => COMPARISONS[comparison](value, threshold)).length;
  const counted = breaching + (missingData === 'breaching' ? missing : 0);
  const said = values.length === 0 ? 'no datapoints' : `the datapoints ${values.join(', ')}`;
  const reason = `${said} in ${evaluationPeriods} periods, of which ${counted} breach ${threshold} (${comparison}), ${datapointsToAlarm} of them alarm`;
  if (counted >= datapointsToAlarm) return { state: 'ALARM', reason };
  const isUnknown = missingData === 'missing' && values.length === 0;
  return { state: isUnknown ? 'INSUFFICIENT_DATA' : 'OK', reason };
}
