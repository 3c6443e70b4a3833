/** What acts by itself has rights of its own: API Gateway, rules, event source mappings, a function's log. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import type { FunctionLogLine, LocalCloudOptions } from '../../../../../infra/local/cloud/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { httpApi, route, stage } from '../http-api/http-api-stack.ts';
import { alarm, boot, clientOf, getAtt, lambda, queue, ref, role, type Stack, table } from '../stacks.ts';

const code = { fn: 'export const handler = async () => { console.log("here"); return "done"; };' };
const allow = (Action: string | string[], Resource: unknown = '*') => ({ Effect: 'Allow', Action, Resource });

test('API Gateway may invoke a function only for the routes that the function’s policy names', async () => {
  const stack = httpApi(['GET /open', 'GET /shut', 'POST /open']);
  const SourceArn = {
    'Fn::Join': ['', ['arn:aws:execute-api:us-east-1:000000000000:', ref('Api'), '/*/*/open']],
  };
  const { Permission } = stack.Resources as { Permission: { Properties: object } };
  const narrow = { ...Permission, Properties: { ...Permission.Properties, SourceArn } };
  const log: string[] = [];
  const cloud = await boot(
    { ...stack, Resources: { ...stack.Resources, Permission: narrow } },
    { code, log: ({ text }) => log.push(text) },
  );
  const status = async (method: string, path: string) =>
    (await fetch(`${cloud.apiUrl}${path}`, { method })).status;

  expect(await status('GET', '/open')).toBe(200);
  expect(await status('POST', '/open')).toBe(200);
  expect(await status('GET', '/shut')).toBe(500);
  expect(log.find((line) => line.startsWith('GET /shut: 500'))).toContain(
    "API Gateway doesn't have permissions to call the integration",
  );
});

const toQueue = (gateway: object): Stack => ({
  Resources: {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
    Stage: stage(),
    Jobs: queue({ QueueName: 'jobs' }),
    Gateway: gateway,
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: ref('Api'),
        IntegrationType: 'AWS_PROXY',
        IntegrationSubtype: 'SQS-SendMessage',
        PayloadFormatVersion: '1.0',
        CredentialsArn: getAtt('Gateway', 'Arn'),
        RequestParameters: { QueueUrl: ref('Jobs'), MessageBody: '$request.body' },
      },
    },
    Route: route('POST /jobs'),
  },
});

test('API Gateway sends to a queue with the rights of the integration’s role', async () => {
  const cloud = await boot(toQueue(role('apigateway.amazonaws.com', [allow('sqs:ReceiveMessage')])));

  const response = await fetch(`${cloud.apiUrl}/jobs`, { method: 'POST', body: 'x' });

  expect(response.status).toBe(403);
  expect(await response.text()).toContain(
    '<Code>AccessDenied</Code><Message>User: arn:aws:sts::000000000000:assumed-role/Test-Gateway/BackplaneAssumeRoleSession is not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:us-east-1:000000000000:jobs because no identity-based policy allows the sqs:sendmessage action</Message>',
  );
  expect(cloud.queue('jobs').peek()).toEqual([]);
});

test('a role that does not trust API Gateway stops the boot', async () => {
  await expect(boot(toQueue(role('lambda.amazonaws.com', [allow('sqs:SendMessage')])))).rejects.toThrow(
    /resource Integration .*cannot be assumed by apigateway.amazonaws.com/,
  );
});

/** A rule to a queue whose policy allows what `Condition` says, with dead letters that take everything. */
function withRule(Condition: object): Stack {
  const allowed = (name: string, more: object = {}) => ({
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref(name)],
      PolicyDocument: {
        Statement: {
          ...allow('sqs:SendMessage', getAtt(name, 'Arn')),
          Principal: { Service: 'events.amazonaws.com' },
          ...more,
        },
      },
    },
  });
  const target = { Id: 'one', Arn: getAtt('Jobs', 'Arn'), DeadLetterConfig: { Arn: getAtt('Dead', 'Arn') } };
  return {
    Resources: {
      Jobs: queue({ QueueName: 'jobs' }),
      Dead: queue({ QueueName: 'dead' }),
      OfJobs: allowed('Jobs', { Condition }),
      OfDead: allowed('Dead'),
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: { Name: 'rule', EventPattern: { source: ['test'] }, Targets: [target] },
      },
    },
  };
}

test.each([
  ['this rule', 'rule', 1, 0],
  ['another rule', 'other', 0, 1],
])('a queue that lets %s send', async (_, rule, delivered, dead) => {
  const arn = `arn:aws:events:us-east-1:000000000000:rule/${rule}`;
  const cloud = await boot(withRule({ ArnEquals: { 'aws:SourceArn': arn } }));
  const client = new EventBridgeClient(clientOf(cloud, 'eventbridge'));

  await client.send(new PutEventsCommand({ Entries: [{ Source: 'test', DetailType: 'T', Detail: '{}' }] }));
  await cloud.idle();

  expect(cloud.queue('jobs').peek()).toHaveLength(delivered);
  expect(cloud.queue('dead').peek()).toHaveLength(dead);
  if (dead) expect(cloud.queue('dead').peek()[0]?.attributes).toMatchObject({ ERROR_CODE: 'NO_PERMISSIONS' });
});

const mapping = (properties: object) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { FunctionName: ref('Fn'), ...properties },
});
const fnWith = (...statements: object[]) => ({
  Worker: role('lambda.amazonaws.com', statements),
  Fn: lambda('fn', { FunctionName: 'fn', Role: getAtt('Worker', 'Arn') }),
});

test.each(['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'])(
  'a mapping from a queue cannot be made without %s',
  async (missing) => {
    const actions = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].filter(
      (name) => name !== missing,
    );
    const stack = {
      Resources: {
        Jobs: queue(),
        ...fnWith(
          allow(
            actions.map((name) => `sqs:${name}`),
            getAtt('Jobs', 'Arn'),
          ),
        ),
        Mapping: mapping({ EventSourceArn: getAtt('Jobs', 'Arn') }),
      },
    };

    await expect(boot(stack, { code })).rejects.toThrow(
      `resource Mapping (AWS::Lambda::EventSourceMapping): The function execution role does not have permissions to call ${missing} on SQS`,
    );
  },
);

const streamStack = (...statements: object[]): Stack => ({
  Resources: {
    Things: table({ StreamSpecification: { StreamViewType: 'KEYS_ONLY' } }),
    Lost: queue({ QueueName: 'lost' }),
    ...fnWith(...statements),
    Mapping: mapping({
      EventSourceArn: getAtt('Things', 'StreamArn'),
      StartingPosition: 'TRIM_HORIZON',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: getAtt('Lost', 'Arn') } },
    }),
  },
  Outputs: { Table: { Value: ref('Things') } },
});
const ofStreams = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];

test.each(ofStreams)('a mapping from a stream cannot be made without %s', async (missing) => {
  const actions = ofStreams.filter((name) => name !== missing).map((name) => `dynamodb:${name}`);

  await expect(boot(streamStack(allow(actions)), { code })).rejects.toThrow(
    /Cannot access stream arn:aws:dynamodb:\S+\. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM\./,
  );
});

async function bootLogged(
  stack: Stack,
  options: Partial<LocalCloudOptions> & { code: Record<string, string> },
) {
  const lines: FunctionLogLine[] = [];
  const cloud = await boot(stack, { ...options, log: (line) => lines.push(line) });
  return { cloud, texts: () => lines.map(({ text }) => text) };
}

test('batches given up are lost when the function’s role may not send them to the on-failure queue', async () => {
  const failing = { fn: 'export const handler = () => Promise.reject(new Error("as asked"));' };
  const actions = [...ofStreams.map((name) => `dynamodb:${name}`), 'logs:*'];
  const { cloud, texts } = await bootLogged(streamStack(allow(actions)), { code: failing });

  const client = new DynamoDBClient(clientOf(cloud, 'dynamodb'));
  await client.send(new PutItemCommand({ TableName: cloud.outputs.Table, Item: { id: { S: '1' } } }));
  const said = await eventually(() => texts().find((text) => text.startsWith('a batch was discarded')));

  expect(said).toContain('assumed-role/Test-Worker/fn is not authorized to perform: sqs:SendMessage');
  expect(cloud.queue('lost').peek()).toEqual([]);
});

test('a function whose role may not write to its log group leaves no line and no metric; that is said once', async () => {
  const metric = {
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [{ Namespace: 'N', Dimensions: [[]], Metrics: [{ Name: 'Done' }] }],
    },
    Done: 1,
  };
  const metered = { fn: `export const handler = () => console.log('${JSON.stringify(metric)}');` };
  const run = async (...statements: object[]) => {
    const { cloud, texts } = await bootLogged({ Resources: fnWith(...statements) }, { code: metered });
    for (const _ of [1, 2]) await cloud.function('fn').invoke({});
    return { metrics: cloud.metrics(), texts: texts() };
  };
  const group = 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/fn:*';

  const writing = await run(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], group));
  const mute = await run(allow('logs:CreateLogStream', group));

  expect(writing.metrics).toMatchObject([{ name: 'Done', sum: 2 }]);
  expect(writing.texts.filter((text) => text.startsWith('REPORT'))).toHaveLength(2);
  expect(mute.metrics).toEqual([]);
  expect(mute.texts).toEqual([
    expect.stringMatching(/^nothing that it prints is kept, and no metric: .*logs:PutLogEvents/),
  ]);
});

test('a function can be traced only if its role may send traces', async () => {
  const traced = (...statements: object[]) => ({
    Resources: {
      ...fnWith(),
      Worker: role('lambda.amazonaws.com', statements),
      Fn: lambda('fn', { Role: getAtt('Worker', 'Arn'), TracingConfig: { Mode: 'Active' } }),
    },
  });

  await expect(boot(traced(allow('logs:*')), { code })).rejects.toThrow(
    /does not have permissions to call PutTraceSegments on XRAY/,
  );
  await boot(traced(allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'])), { code });
});

const alarmWith = (...statements: object[]): Stack => ({
  Resources: {
    Bell: { Type: 'AWS::SNS::Topic', Properties: {} },
    ...(statements.length > 0 && {
      Policy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { Topics: [ref('Bell')], PolicyDocument: { Statement: statements } },
      },
    }),
    Alarm: alarm(ref('Bell')),
  },
});
const onlyByTls = {
  Effect: 'Deny',
  Principal: '*',
  Action: 'sns:Publish',
  Resource: ref('Bell'),
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

test('an alarm whose topic does not let CloudWatch publish stops the boot: it would ring nobody', async () => {
  const publish = {
    ...allow('sns:Publish', ref('Bell')),
    Principal: { Service: 'cloudwatch.amazonaws.com' },
  };

  await expect(boot(alarmWith(onlyByTls))).rejects.toThrow(
    /resource Alarm .* rings nobody: .*is not authorized to perform: sns:Publish on resource: \S+ because no resource-based policy/,
  );
  // A topic without a policy has SNS's own.
  await boot(alarmWith());
  await boot(alarmWith(onlyByTls, publish));
});

test('a grant that is taken away counts as not given', async () => {
  const withoutGrant: LocalCloudOptions['withoutGrant'] = ({ holder, action }) =>
    holder === 'Permission' && action === 'lambda:InvokeFunction';
  const cloud = await boot(httpApi(['GET /open']), { code, withoutGrant });

  expect((await fetch(`${cloud.apiUrl}/open`)).status).toBe(500);
  expect(cloud.permissions.refusals()).toEqual([
    {
      principal: 'apigateway.amazonaws.com',
      action: 'lambda:InvokeFunction',
      resource: expect.stringContaining(':function:'),
    },
  ]);
});
