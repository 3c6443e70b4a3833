/** The dashboard shows what is really counted: each of our metrics under the dimensions that functions give it. */
import { expect, test } from 'vitest';
import { modelNames } from '../../shared/providers/definitions.ts';
import { reasonFor, units } from '../../shared/runtime/metrics.ts';
import { templateOf } from '../support/template.ts';

const { Resources } = templateOf({ stage: 'dev' });
const dashboards = Object.values(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard');

interface Widget {
  readonly properties: { readonly title: string; readonly metrics: readonly unknown[][] };
}

/** References are of no matter here. */
const body = JSON.parse(
  (dashboards[0]!.Properties!.DashboardBody as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1]
    .map((part) => (typeof part === 'string' ? part : 'reference'))
    .join(''),
) as { widgets: Widget[] };

/** `[name, dimensions]` of what our own functions count. */
const ours = body.widgets.flatMap(({ properties: { metrics } }) =>
  metrics
    .filter(([namespace]) => namespace === 'Wanhook-dev')
    .map(([, name, ...rest]) => {
      const pairs = rest.filter((one) => typeof one === 'string') as string[];
      const names = pairs.filter((_, nth) => nth % 2 === 0);
      return [
        name as string,
        Object.fromEntries(names.map((one, nth) => [one, pairs[2 * nth + 1]!])),
      ] as const;
    }),
);

test('there is one, named as the stack', () => {
  expect(dashboards).toMatchObject([{ Properties: { DashboardName: 'Wanhook-dev' } }]);
  expect(body.widgets.map(({ properties }) => properties.title)).toEqual(
    expect.arrayContaining(['Submitted', 'Completed', 'Callback to event, ms', 'Dead letters']),
  );
});

test('there is none when the setting says so', () => {
  const types = Object.values(templateOf({ dashboard: false }).Resources).map(({ Type }) => Type);

  expect(types).not.toContain('AWS::CloudWatch::Dashboard');
});

test('each step of a task has a line for each model', () => {
  const steps = [
    'TaskCreated',
    'TaskSubmitted',
    'TaskCompleted',
    'TaskFailed',
    'ArchivedBytes',
    'CallbackToEvent',
  ];
  for (const step of steps) {
    const models = ours.filter(([name]) => name === step).map(([, dimensions]) => dimensions.model);
    expect([step, new Set(models)]).toEqual([step, new Set(modelNames)]);
  }
});

test('nothing is shown that nothing counts', () => {
  const wrong = ours.filter(
    ([name, { reason = '' }]) => !(name in units) && reasonFor(name as 'TaskSubmitted', reason) !== reason,
  );

  expect(ours.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});

test('every queue has its line, and so has every dead-letter queue and every function', () => {
  const lines = (title: string) =>
    body.widgets.find(({ properties }) => properties.title === title)!.properties.metrics.length;
  const count = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type).length;

  expect(lines('Messages that wait') + lines('Dead letters')).toBe(count('AWS::SQS::Queue'));
  expect(lines('Function errors')).toBe(count('AWS::Lambda::Function'));
});
