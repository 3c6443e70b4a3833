/** Metrics and alarms over CloudWatch's API, as the SDK calls it. */
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { bootCaller } from '../iam/caller.ts';
import { boot, lambda, queue, ref } from '../stacks.ts';

const alarm = (properties: object) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    EvaluationPeriods: 1,
    Period: 3600,
    Statistic: 'Sum',
    Threshold: 1,
    TreatMissingData: 'notBreaching',
    ...properties,
  },
});

const errorsOf = (name: string, properties: object = {}) =>
  alarm({
    AlarmName: name,
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: ref('Fn') }],
    AlarmActions: [ref('Topic')],
    ...properties,
  });

async function bootWatched() {
  const cloud = await boot(
    {
      Resources: {
        Fn: lambda('fn', { FunctionName: 'fn' }),
        Jobs: queue({ QueueName: 'jobs' }),
        Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
        Errors: errorsOf('errors', { AlarmDescription: 'It fails' }),
        ManyErrors: errorsOf('many-errors', { Threshold: 100 }),
        Silent: errorsOf('silent', { AlarmActions: [], ActionsEnabled: false }),
        Depth: alarm({
          AlarmName: 'depth',
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Statistic: 'Maximum',
          Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
        }),
      },
      Outputs: { Queue: { Value: ref('Jobs') }, Topic: { Value: ref('Topic') } },
    },
    {
      code: {
        fn: `export const handler = async ({ fail }) => {
          if (fail) throw new Error('as asked');
          console.log(JSON.stringify({
            _aws: { Timestamp: Date.now(), CloudWatchMetrics: [
              { Namespace: 'Own', Dimensions: [['service']], Metrics: [{ Name: 'Made', Unit: 'Count' }] }] },
            service: 'fn', Made: 3 }));
        };`,
      },
    },
  );
  const { endpoint, region, credentials } = cloud;
  const client = { endpoint, region, credentials, maxAttempts: 1 };
  const api = new CloudWatchClient(client);
  return {
    cloud,
    api,
    sqs: new SQSClient(client),
    states: async (input: object = {}) => {
      const { MetricAlarms = [] } = await api.send(new DescribeAlarmsCommand(input));
      return Object.fromEntries(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]));
    },
  };
}

const metric = (
  Id: string,
  Namespace: string,
  MetricName: string,
  dimension: [string, string],
  Stat: string,
) => {
  const Dimensions = [{ Name: dimension[0], Value: dimension[1] }];
  return { Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 3600, Stat } };
};

const lastHour = () => ({
  StartTime: new Date(Date.now() - 3_540_000),
  EndTime: new Date(Date.now() + 60_000),
});

test('what functions print and what services measure can be read, by statistic', async () => {
  const { cloud, api, sqs } = await bootWatched();
  const fn = cloud.function('fn');
  await fn.invoke({});
  await fn.invoke({});
  await fn.invoke({ fail: true });
  await sqs.send(new SendMessageCommand({ QueueUrl: cloud.outputs.Queue, MessageBody: 'one' }));

  const { MetricDataResults = [] } = await api.send(
    new GetMetricDataCommand({
      ...lastHour(),
      MetricDataQueries: [
        metric('made', 'Own', 'Made', ['service', 'fn'], 'Sum'),
        metric('most', 'Own', 'Made', ['service', 'fn'], 'Maximum'),
        metric('errors', 'AWS/Lambda', 'Errors', ['FunctionName', 'fn'], 'Sum'),
        metric('invocations', 'AWS/Lambda', 'Invocations', ['FunctionName', 'fn'], 'SampleCount'),
        metric('visible', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', ['QueueName', 'jobs'], 'Maximum'),
        metric('age', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', ['QueueName', 'jobs'], 'Maximum'),
        metric('nothing', 'Own', 'Made', ['service', 'other'], 'Sum'),
      ],
    }),
  );

  expect(Object.fromEntries(MetricDataResults.map(({ Id, Values }) => [Id, Values]))).toEqual({
    made: [6],
    most: [3],
    errors: [1],
    invocations: [3],
    visible: [1],
    age: [expect.any(Number)],
    nothing: [],
  });
  expect(MetricDataResults[0]).toMatchObject({
    StatusCode: 'Complete',
    Timestamps: [expect.any(Date)],
    Label: 'Made',
  });
});

test('alarms are described with their state, and found by action, name and state, page by page', async () => {
  const { cloud, api, sqs, states } = await bootWatched();
  const before = await states();
  await cloud.function('fn').invoke({ fail: true });
  await sqs.send(new SendMessageCommand({ QueueUrl: cloud.outputs.Queue, MessageBody: 'one' }));

  expect(before).toEqual({ depth: 'OK', errors: 'OK', 'many-errors': 'OK', silent: 'OK' });
  expect(await states()).toEqual({ depth: 'ALARM', errors: 'ALARM', 'many-errors': 'OK', silent: 'ALARM' });
  expect(await states({ ActionPrefix: cloud.outputs.Topic })).toEqual({
    errors: 'ALARM',
    'many-errors': 'OK',
  });
  expect(await states({ AlarmNamePrefix: 'man' })).toEqual({ 'many-errors': 'OK' });
  expect(await states({ AlarmNames: ['silent'] })).toEqual({ silent: 'ALARM' });
  expect(await states({ StateValue: 'OK' })).toEqual({ 'many-errors': 'OK' });

  const first = await api.send(new DescribeAlarmsCommand({ MaxRecords: 3 }));
  const second = await api.send(new DescribeAlarmsCommand({ MaxRecords: 3, NextToken: first.NextToken }));
  expect(first.MetricAlarms).toHaveLength(3);
  expect(first.MetricAlarms?.[1]).toMatchObject({
    AlarmName: 'errors',
    AlarmArn: expect.stringMatching(/:alarm:errors$/),
    AlarmDescription: 'It fails',
    ActionsEnabled: true,
    AlarmActions: [cloud.outputs.Topic],
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: 'fn' }],
    Threshold: 1,
  });
  expect(second.MetricAlarms).toHaveLength(1);
  expect(second.NextToken).toBeUndefined();
});

test('what CloudWatch would refuse is refused, and so is what is not known here', async () => {
  const { api } = await bootWatched();
  const made = metric('made', 'Own', 'Made', ['service', 'fn'], 'Sum');
  const refused = (input: object) =>
    api
      .send(new GetMetricDataCommand({ ...lastHour(), MetricDataQueries: [made], ...input }))
      .catch((error: Error) => error);

  expect(await refused({ StartTime: new Date(), EndTime: new Date(0) })).toMatchObject({
    message: expect.stringContaining('StartTime must be less'),
  });
  expect(await refused({ MetricDataQueries: [made, made] })).toMatchObject({
    message: expect.stringContaining('not unique: made'),
  });
  expect(await refused({ MetricDataQueries: [{ ...made, AccountId: '1' }] })).toMatchObject({
    message: expect.stringContaining('AccountId'),
  });
  expect(
    await refused({ MetricDataQueries: [metric('p', 'Own', 'Made', ['service', 'fn'], 'p99')] }),
  ).toMatchObject({
    message: expect.stringContaining('percentiles'),
  });
});

test('an alarm that watches nothing stops the boot', async () => {
  await expect(boot({ Resources: { Alarm: alarm({ Namespace: 'Own' }) } })).rejects.toThrow(/MetricName/);
});

test('a function needs to be allowed to read metrics and alarms', async () => {
  const { send } = await bootCaller([{ Effect: 'Allow', Action: 'cloudwatch:PutMetricData', Resource: '*' }]);

  expect(await send('CloudWatch', 'DescribeAlarms', {})).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('cloudwatch:DescribeAlarms on resource: arn:aws:cloudwatch:'),
  });
});
