/** Rules and queues that are made by API, all at the one address that knows every service. */
import {
  DeleteRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { boot } from '../stacks.ts';

async function bootBus() {
  const cloud = await boot({
    Resources: {
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'main' } },
      Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'secret' } },
    },
  });
  const { endpoint, region, credentials } = cloud;
  const client = { endpoint, region, credentials, maxAttempts: 1 };
  return { cloud, client, events: new EventBridgeClient(client), sqs: new SQSClient(client) };
}

type Booted = Awaited<ReturnType<typeof bootBus>>;

const RULE = { Rule: 'mine', EventBusName: 'main' };
const putRule = ({ events }: Booted, pattern: unknown = { source: ['test'] }) =>
  events.send(
    new PutRuleCommand({ Name: 'mine', EventBusName: 'main', EventPattern: JSON.stringify(pattern) }),
  );
const putEvent = ({ events }: Booted) =>
  events.send(
    new PutEventsCommand({
      Entries: [{ EventBusName: 'main', Source: 'test', DetailType: 'Thing', Detail: '{}' }],
    }),
  );

/** A queue to which the rule may send, as its target. */
async function putTarget(booted: Booted): Promise<string> {
  const { QueueUrl = '' } = await booted.sqs.send(new CreateQueueCommand({ QueueName: 'heard' }));
  const { Attributes } = await booted.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const Arn = Attributes!.QueueArn!;
  const Statement = [
    {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: Arn,
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await booted.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await booted.events.send(new PutTargetsCommand({ ...RULE, Targets: [{ Id: 'one', Arn }] }));
  return QueueUrl;
}

const codeOf = (sent: Promise<unknown>) =>
  sent.then(
    () => 'accepted',
    (error: Error) => error.name,
  );

test('a rule and a queue made by API get events, until they are removed', async () => {
  const booted = await bootBus();
  const { RuleArn } = await putRule(booted);
  const QueueUrl = await putTarget(booted);

  await putEvent(booted);
  await booted.cloud.idle();
  const heard = booted.cloud.queue('heard').depth().visible;
  const { Rules } = await booted.events.send(new ListRulesCommand({ EventBusName: 'main' }));
  const { Targets } = await booted.events.send(new ListTargetsByRuleCommand(RULE));
  await booted.events.send(new RemoveTargetsCommand({ ...RULE, Ids: ['one'] }));
  await booted.events.send(new DeleteRuleCommand({ Name: 'mine', EventBusName: 'main' }));
  await putEvent(booted);
  await booted.cloud.idle();

  expect(heard).toBe(1);
  expect(Rules).toMatchObject([
    { Name: 'mine', Arn: RuleArn, State: 'ENABLED', EventPattern: '{"source":["test"]}' },
  ]);
  expect(RuleArn).toBe('arn:aws:events:us-east-1:000000000000:rule/main/mine');
  expect(Targets).toMatchObject([{ Id: 'one' }]);
  expect(booted.cloud.queue('heard').depth().visible).toBe(1);
  await booted.sqs.send(new DeleteQueueCommand({ QueueUrl }));
  await expect(booted.sqs.send(new GetQueueUrlCommand({ QueueName: 'heard' }))).rejects.toThrow(
    'The specified queue does not exist.',
  );
});

test('a rule that is put again keeps its targets', async () => {
  const booted = await bootBus();
  await putRule(booted, { source: ['other'] });
  await putTarget(booted);
  await putRule(booted);

  await putEvent(booted);
  await booted.cloud.idle();

  expect(booted.cloud.queue('heard').depth().visible).toBe(1);
});

test('what EventBridge refuses is refused in its words', async () => {
  const booted = await bootBus();
  const target = (more: object) =>
    new PutTargetsCommand({
      ...RULE,
      Targets: [{ Id: 'x', Arn: 'arn:aws:sqs:us-east-1:000000000000:nowhere', ...more }],
    });

  const withoutRule = await codeOf(booted.events.send(target({})));
  const pattern = await codeOf(putRule(booted, { source: [{ cidr: 1 }] }));
  const bus = await codeOf(
    booted.events.send(new PutRuleCommand({ Name: 'mine', EventBusName: 'no', EventPattern: '{}' })),
  );
  await putRule(booted);
  const nowhere = await codeOf(booted.events.send(target({})));
  await putTarget(booted);
  const withTargets = await codeOf(
    booted.events.send(new DeleteRuleCommand({ Name: 'mine', EventBusName: 'main' })),
  );

  expect({ withoutRule, pattern, bus, nowhere, withTargets }).toEqual({
    withoutRule: 'ResourceNotFoundException',
    pattern: 'InvalidEventPatternException',
    bus: 'ResourceNotFoundException',
    nowhere: 'ValidationException',
    withTargets: 'ValidationException',
  });
});

test('a queue is made once, and again only with the same attributes', async () => {
  const { sqs } = await bootBus();
  const create = (Attributes: Record<string, string>) =>
    sqs.send(new CreateQueueCommand({ QueueName: 'heard', Attributes }));
  const { QueueUrl } = await create({ VisibilityTimeout: '5' });

  const again = await create({ VisibilityTimeout: '5' });
  const other = await codeOf(create({ VisibilityTimeout: '6' }));
  const unknown = await codeOf(create({ Color: 'red' }));
  const policy = await codeOf(
    sqs.send(new SetQueueAttributesCommand({ QueueUrl: QueueUrl!, Attributes: { Policy: '{' } })),
  );

  expect(again.QueueUrl).toBe(QueueUrl);
  expect({ other, unknown, policy }).toEqual({
    other: 'QueueNameExists',
    unknown: 'InvalidParameterValue',
    policy: 'InvalidParameterValue',
  });
});

test('the one address tells services apart by what a request is signed for', async () => {
  const { cloud, client, sqs } = await bootBus();
  const { Name } = await new SecretsManagerClient(client).send(
    new DescribeSecretCommand({ SecretId: 'secret' }),
  );
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  await sqs.send(new SendMessageCommand({ QueueUrl: QueueUrl!, MessageBody: 'hello' }));

  const unsigned = await fetch(cloud.endpoint, { method: 'POST' });

  expect(Name).toBe('secret');
  expect(cloud.queue('q').depth().visible).toBe(1);
  expect(unsigned.status).toBe(400);
  expect(await unsigned.json()).toMatchObject({
    message:
      'the request must be signed for one of dynamodb, events, lambda, monitoring, s3, secretsmanager, sns, sqs',
  });
});

test('a disabled rule lets no event through, until it is enabled again', async () => {
  const booted = await bootBus();
  await putRule(booted);
  await putTarget(booted);
  const rule = { Name: 'mine', EventBusName: 'main' };
  const state = async () =>
    (await booted.events.send(new ListRulesCommand({ EventBusName: 'main' }))).Rules?.[0]?.State;
  const depth = () => booted.cloud.queue('heard').depth().visible;

  await booted.events.send(new DisableRuleCommand(rule));
  await putEvent(booted);
  const disabled = [await state(), depth()];
  await booted.events.send(new EnableRuleCommand(rule));
  await putEvent(booted);

  expect(disabled).toEqual(['DISABLED', 0]);
  expect([await state(), depth()]).toEqual(['ENABLED', 1]);
  expect(await codeOf(booted.events.send(new EnableRuleCommand({ ...rule, Name: 'not' })))).toBe(
    'ResourceNotFoundException',
  );
});

test('rules are listed page by page', async () => {
  const { events } = await bootBus();
  for (const Name of ['a', 'b', 'c']) {
    await events.send(
      new PutRuleCommand({ Name, EventBusName: 'main', EventPattern: '{"source":["test"]}' }),
    );
  }

  const first = await events.send(new ListRulesCommand({ EventBusName: 'main', Limit: 2 }));
  const second = await events.send(
    new ListRulesCommand({ EventBusName: 'main', Limit: 2, NextToken: first.NextToken }),
  );

  expect([first, second].map(({ Rules = [] }) => Rules.map(({ Name }) => Name))).toEqual([['a', 'b'], ['c']]);
  expect(second.NextToken).toBeUndefined();
});
