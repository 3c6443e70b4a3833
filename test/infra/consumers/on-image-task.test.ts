/** What the construct synthesizes, read from the template; what it does, on the local cloud. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseEvent } from '../../../client/index.ts';
import { OnImageTask, type OnImageTaskProps } from '../../../infra/consumers/on-image-task.ts';
import { startLocalCloud } from '../../../infra/local/cloud/index.ts';
import { output } from '../../../infra/local/deploy.ts';
import { EVENT_SOURCE } from '../../../shared/events/names.ts';
import { taskEvent } from '../../../shared/events/task-event.ts';
import { publicTask } from '../../../shared/task/public-task.ts';
import { eventually } from '../../support/eventually.ts';
import { type RecordChanges, taskRecord } from '../../support/records.ts';

type Target = (stack: Stack) => OnImageTaskProps['target'];

const aQueue: Target = (stack) => new Queue(stack, 'Target');

function synthesized(target: Target, props: Omit<OnImageTaskProps, 'target'> = {}): Template {
  const stack = new Stack(new App(), 'Shop');
  new OnImageTask(stack, 'OnPicture', { ...props, target: target(stack) });
  return Template.fromStack(stack);
}

const patternOf = (template: Template) =>
  Object.values(template.findResources('AWS::Events::Rule')).map(({ Properties }) => Properties.EventPattern);

describe('the rule', () => {
  test('is for every outcome on the bus named wanhook, unless told otherwise', () => {
    const template = synthesized(aQueue);

    template.hasResourceProperties('AWS::Events::Rule', { EventBusName: 'wanhook', State: 'ENABLED' });
    expect(patternOf(template)).toEqual([
      { source: ['wanhook'], 'detail-type': ['Image Task Completed', 'Image Task Failed'] },
    ]);
  });

  test('is for an owner, some outcomes and some models of one bus', () => {
    const stack = new Stack(new App(), 'Shop');
    const bus = new EventBus(stack, 'Bus', { eventBusName: 'images' });

    new OnImageTask(stack, 'OnPicture', {
      bus,
      outcomes: ['created', 'failed'],
      owner: ['shop', 'press'],
      models: ['wan26_i2i'],
      target: aQueue(stack),
    });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Events::Rule', { EventBusName: stack.resolve(bus.eventBusName) });
    expect(patternOf(template)).toEqual([
      {
        source: ['wanhook'],
        'detail-type': ['Image Task Created', 'Image Task Failed'],
        detail: { owner: ['shop', 'press'], task: { model: ['wan26_i2i'] } },
      },
    ]);
  });
});

describe('the target', () => {
  const fn: Target = (stack) =>
    new LambdaFunction(stack, 'Fn', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => {}'),
    });
  const machine: Target = (stack) =>
    new StateMachine(stack, 'Machine', {
      definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Pass')),
    });

  test.each([
    ['a function', fn, { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Fn'), 'Arn'] } }],
    ['a queue', aQueue, { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Target'), 'Arn'] } }],
    [
      'a state machine',
      machine,
      { Arn: { Ref: Match.stringLikeRegexp('^Machine') }, RoleArn: Match.anyValue() },
    ],
  ])('may be %s, with dead letters of its own', (_, target, expected) => {
    const template = synthesized(target);

    const DeadLetterConfig = {
      Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^OnPictureDeadLetters'), 'Arn'] },
    };
    template.hasResourceProperties('AWS::Events::Rule', { Targets: [{ ...expected, DeadLetterConfig }] });
    template.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    });
  });

  test('may be called by the rule and by nobody else', () => {
    synthesized(fn).hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^OnPictureRule'), 'Arn'] },
    });
    synthesized(aQueue).hasResourceProperties('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: Match.stringLikeRegexp('^Target') }],
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({
            Condition: {
              ArnEquals: {
                'aws:SourceArn': { 'Fn::GetAtt': [Match.stringLikeRegexp('^OnPictureRule'), 'Arn'] },
              },
            },
          }),
        ]),
      }),
    });
  });

  test('may be one of aws-events-targets, which is taken as it is', () => {
    const template = synthesized((stack) => {
      const queue = new Queue(stack, 'Target', { fifo: true, contentBasedDeduplication: true });
      return new SqsQueue(queue, { messageGroupId: 'pictures' });
    });

    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [{ SqsParameters: { MessageGroupId: 'pictures' }, DeadLetterConfig: Match.absent() }],
    });
    template.resourceCountIs('AWS::SQS::Queue', 1);
  });
});

describe('refuses what can never match or work', () => {
  test.each<[string, Omit<OnImageTaskProps, 'target'>, string]>([
    ['no outcome', { outcomes: [] }, 'outcomes must name at least one, and none that is empty'],
    [
      'an unknown outcome',
      { outcomes: ['done' as never] },
      'outcomes holds done; allowed are created, completed, failed',
    ],
    [
      'an unknown model',
      { models: ['wan3' as never] },
      'models holds wan3; allowed are wan2.5-text-to-image, wan2.5-image-to-image, wan25_t2i_preview, wan26_i2i',
    ],
    ['no model', { models: [] }, 'models must name at least one, and none that is empty'],
    ['no owner', { owner: [] }, 'owner must name at least one, and none that is empty'],
    ['an empty owner', { owner: '' }, 'owner must name at least one, and none that is empty'],
  ])('%s', (_, props, message) => {
    expect(() => synthesized(aQueue, props)).toThrow(message);
  });

  test('a FIFO queue without a message group', () => {
    expect(() => synthesized((stack) => new Queue(stack, 'Target', { fifo: true }))).toThrow(
      'a FIFO queue needs a message group',
    );
  });
});

test('a queue on the local cloud gets the events that were asked for, and no others', async () => {
  const outdir = await mkdtemp(join(tmpdir(), 'wanhook-consumer-'));
  onTestFinished(() => rm(outdir, { recursive: true, force: true }));
  const app = new App({ outdir });
  const stack = new Stack(app, 'Shop');
  const bus = new EventBus(stack, 'Bus', { eventBusName: 'wanhook' });
  const queue = new Queue(stack, 'Pictures');
  new OnImageTask(stack, 'OnPicture', { bus, owner: 'shop', models: ['wan26_i2i'], target: queue });
  new CfnOutput(stack, 'Url', { value: queue.queueUrl });
  app.synth();
  const cloud = await startLocalCloud({ assembly: outdir });
  onTestFinished(() => cloud.stop());
  const { region, credentials, endpoints } = cloud;
  const eventbridge = new EventBridgeClient({ region, credentials, endpoint: endpoints.eventbridge });
  const sqs = new SQSClient({ region, credentials, endpoint: endpoints.sqs });

  const wanted: RecordChanges = { owner: 'shop', model: 'wan26_i2i' };
  const records = [
    taskRecord({ ...wanted, status: 'completed' }),
    taskRecord({ ...wanted, status: 'failed' }),
    taskRecord({ ...wanted, status: 'pending' }),
    taskRecord({ ...wanted, status: 'completed', owner: 'press' }),
    taskRecord({ ...wanted, status: 'completed', model: 'wan2.5-text-to-image' }),
  ];
  await eventbridge.send(
    new PutEventsCommand({
      Entries: records.map((record) => {
        const { detailType, detail } = taskEvent(
          record,
          publicTask(record, () => ''),
        );
        return {
          EventBusName: 'wanhook',
          Source: EVENT_SOURCE,
          DetailType: detailType,
          Detail: JSON.stringify(detail),
        };
      }),
    }),
  );
  await cloud.idle();

  const events = await eventually(async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: output(cloud, 'Url'),
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
      }),
    );
    return Messages.length >= 2 ? Messages.map(({ Body }) => parseEvent(Body)) : undefined;
  }, 'the events');
  expect(events.map(({ outcome, task }) => [outcome, task.id]).sort()).toEqual([
    ['completed', records[0]!.id],
    ['failed', records[1]!.id],
  ]);
});
