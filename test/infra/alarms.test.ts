/** Who is told of what: every alarm rings, and leads to its paragraph of the runbook. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { templateOf } from '../support/template.ts';

interface AlarmProperties {
  readonly AlarmDescription: string;
  readonly AlarmActions: unknown;
  readonly MetricName?: string;
  readonly Dimensions?: readonly { Name: string; Value: unknown }[];
}

const { Resources } = templateOf({ alarmEmails: ['operators@example.com'] });
const ofType = (type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === type);
const alarms = ofType('AWS::CloudWatch::Alarm').map(
  ([id, { Properties }]) => [id, Properties as unknown as AlarmProperties] as const,
);
const [topicId] = ofType('AWS::SNS::Topic')[0]!;

const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
  title.toLowerCase().replaceAll(' ', '-'),
);

test.each(alarms)('%s rings at the topic and links to a paragraph of the runbook', (_, alarm) => {
  const [, anchor = ''] = /docs\/runbook\.md#([\w-]+)$/.exec(alarm.AlarmDescription) ?? [];

  expect(alarm.AlarmActions).toEqual([{ Ref: topicId }]);
  expect(headings).toContain(anchor);
});

test('every paragraph on an alarm names alarms that there are', () => {
  const [onAlarms = ''] = runbook.split('# What an operator does');
  const named = [...onAlarms.matchAll(/^\*Alarms? (.+?)\.\*/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replace('…', '')),
  );

  const without = named.filter((name) => !alarms.some(([id]) => id.includes(name)));
  const unnamed = alarms.filter(([id]) => !named.some((name) => id.includes(name)));

  expect(named.length).toBeGreaterThan(8);
  expect(without).toEqual([]);
  expect(unnamed.map(([id]) => id)).toEqual([]);
});

test('every function has an alarm on its errors and on its throttles', () => {
  const functions = ofType('AWS::Lambda::Function').map(([id]) => id);
  const watched = (metric: string) =>
    alarms
      .filter(([, { MetricName }]) => MetricName === metric)
      .map(([, { Dimensions }]) => (Dimensions![0]!.Value as { Ref: string }).Ref);

  expect(new Set(watched('Errors'))).toEqual(new Set(functions));
  expect(new Set(watched('Throttles'))).toEqual(new Set(functions));
});

test('the callbacks’ route has alarms of its own, under the dimensions of its metrics', () => {
  const ofRoute = alarms.filter(([, { Dimensions = [] }]) =>
    Dimensions.some(({ Name }) => Name === 'Resource'),
  );
  const routes = ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties!.RouteKey);

  expect(ofRoute.map(([, { MetricName }]) => MetricName).sort()).toEqual(['4xx', '5xx']);
  for (const [, { Dimensions = [] }] of ofRoute) {
    const { ApiId, Stage, Method, Resource, ...others } = Object.fromEntries(
      Dimensions.map(({ Name, Value }) => [Name, Value]),
    );
    expect(ApiId).toEqual({ Ref: expect.stringMatching(/Api/) });
    expect(Stage).toBe('$default');
    expect(routes).toContain(`${Method} ${Resource}`);
    expect(others).toEqual({});
  }
});

describe('the setting alarmEmails', () => {
  test('subscribes each address to the topic', () => {
    const subscriptions = ofType('AWS::SNS::Subscription').map(([, { Properties }]) => Properties);

    expect(subscriptions).toMatchObject([
      { Protocol: 'email', Endpoint: 'operators@example.com', TopicArn: { Ref: topicId } },
    ]);
  });

  test('refuses what is no address', () => {
    expect(() => templateOf({ alarmEmails: ['nobody'] })).toThrow(/must be an e-mail address/);
  });
});

test('the setting runbookUrl is where alarms link to', () => {
  const { Resources: elsewhere } = templateOf({ runbookUrl: 'https://wiki.example.com/wanhook' });
  const descriptions = Object.values(elsewhere).flatMap(
    ({ Properties }) => Properties?.AlarmDescription ?? [],
  );

  expect(descriptions).toHaveLength(alarms.length);
  for (const text of descriptions) expect(text).toMatch(/ https:\/\/wiki\.example\.com\/wanhook#[\w-]+$/);
});
