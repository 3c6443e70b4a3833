import { expect, test } from 'vitest';
import { startLocalCloud } from '../../../../../infra/local/cloud/index.ts';
import { alarm, boot, getAtt, queue, ref, type Stack, writeAssembly } from '../stacks.ts';

async function bootError(stack: Stack): Promise<string> {
  const started = startLocalCloud({ assembly: await writeAssembly(stack) });
  const error = await started.then(
    async (cloud) => {
      await cloud.stop();
      return new Error('the stack booted');
    },
    (reason: Error) => reason,
  );
  return error.message;
}

test('an unknown resource type is an error that names resource and type', async () => {
  const message = await bootError({ Resources: { Film: { Type: 'AWS::Kinesis::Stream' } } });

  expect(message).toContain('resource Film: the local cloud does not know the type AWS::Kinesis::Stream');
});

test.each([
  ['at the top', { KmsMasterKeyId: 'alias/any' }, 'KmsMasterKeyId'],
  [
    'inside',
    { RedrivePolicy: { deadLetterTargetArn: 'a', maxReceiveCount: 1, wish: 2 } },
    'RedrivePolicy.wish',
  ],
])(
  'an unknown property %s is an error that names resource, type and property',
  async (_, properties, name) => {
    const message = await bootError({ Resources: { Jobs: queue(properties) } });

    expect(message).toBe(
      `resource Jobs (AWS::SQS::Queue): the local cloud does not know the property ${name}`,
    );
  },
);

test('an impossible value is an error that names the property', async () => {
  const message = await bootError({ Resources: { Jobs: queue({ DelaySeconds: 901 }) } });

  expect(message).toMatch(/resource Jobs \(AWS::SQS::Queue\): property DelaySeconds: .*900/);
});

test('an unknown intrinsic is an error that names resource, property and intrinsic', async () => {
  const message = await bootError({ Resources: { Jobs: queue({ QueueName: { 'Fn::Cidr': ['a'] } }) } });

  expect(message).toMatch(
    /resource Jobs \(AWS::SQS::Queue\): Properties\.QueueName: .* does not know Fn::Cidr/,
  );
});

test('an unknown attribute of a resource is an error that names both', async () => {
  const message = await bootError({
    Resources: { Jobs: queue(), More: queue({ QueueName: getAtt('Jobs', 'Colour') }) },
  });

  expect(message).toContain('resource Jobs (AWS::SQS::Queue): the local cloud knows no attribute Colour');
});

test('an unknown resource attribute of the template is an error that names it', async () => {
  const message = await bootError({ Resources: { Jobs: { ...queue(), CreationPolicy: {} } } });

  expect(message).toContain('CreationPolicy');
  expect(message).toContain('Jobs');
});

test('a reference to nothing is an error that names it', async () => {
  expect(await bootError({ Resources: { Jobs: queue({ QueueName: ref('Nobody') }) } })).toContain('Nobody');
});

test('resources that refer to each other in a circle are an error that shows the circle', async () => {
  const message = await bootError({
    Resources: { A: queue({ QueueName: getAtt('B', 'QueueName') }), B: { ...queue(), DependsOn: 'A' } },
  });

  expect(message).toContain('A → B → A');
});

test('resources are made after what they refer to, whatever their order', async () => {
  const cloud = await boot({
    Resources: {
      Work: queue({
        QueueName: 'work',
        RedrivePolicy: { deadLetterTargetArn: getAtt('Dead', 'Arn'), maxReceiveCount: 2 },
      }),
      Dead: queue({ QueueName: 'dead' }),
    },
    Outputs: { Url: { Value: ref('Work') }, Arn: { Value: { 'Fn::Sub': '$' + '{Work.Arn}' } } },
  });

  expect(cloud.outputs).toEqual({
    Url: `${cloud.endpoints.sqs}/000000000000/work`,
    Arn: 'arn:aws:sqs:us-east-1:000000000000:work',
  });
});

test('conditions decide what exists; parameters have their defaults', async () => {
  const cloud = await boot({
    Parameters: { Kind: { Type: 'String', Default: 'small' } },
    Conditions: {
      Large: { 'Fn::Equals': [ref('Kind'), 'large'] },
      Small: { 'Fn::Not': [{ Condition: 'Large' }] },
    },
    Resources: {
      One: { ...queue(), Condition: 'Large' },
      Two: { ...queue({ DelaySeconds: { 'Fn::If': ['Small', 7, 8] } }), Condition: 'Small' },
    },
    Outputs: { One: { Value: ref('One'), Condition: 'Large' }, Two: { Value: getAtt('Two', 'QueueName') } },
  });

  expect(cloud.queues().map(({ name }) => name)).toEqual(['Test-Two']);
  expect(cloud.outputs).toEqual({ Two: 'Test-Two' });
});

test('what is known and has no body boots', async () => {
  const cloud = await boot({
    Resources: {
      Log: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } },
      Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'x' } },
      Alarm: alarm(ref('Topic')),
      Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: '{}' } },
      CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2' } },
    },
    Outputs: { Log: { Value: getAtt('Log', 'Arn') } },
  });

  expect(cloud.outputs.Log).toBe('arn:aws:logs:us-east-1:000000000000:log-group:Test-Log:*');
});
