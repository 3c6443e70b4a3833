/** `rate(1 day)`: how often a scheduled rule runs (EventBridge user guide, "Rate expressions"). */

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** @returns the period in milliseconds. @throws Error for what EventBridge would refuse, and for cron, which is not known here */
export function periodOf(expression: string): number {
  if (expression.startsWith('cron('))
    throw new Error('the local cloud knows no cron expressions, only rate(…)');
  const [, value = '', unit = '', plural] =
    /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  if (!unit || (value === '1') === (plural === 's')) {
    throw new Error(`ScheduleExpression must be like rate(1 day) or rate(5 minutes), not ${expression}`);
  }
  return Number(value) * (UNIT_MS[unit] as number);
}
