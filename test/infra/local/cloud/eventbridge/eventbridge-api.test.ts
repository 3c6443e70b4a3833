import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import type { BusEvent } from '../../../../../infra/local/cloud/index.ts';
import { boot, clientOf, getAtt, queue, ref, temporaryDirectory } from '../stacks.ts';

const Resources = {
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'main' } },
  Heard: queue({ QueueName: 'heard' }),
  Undelivered: queue({ QueueName: 'undelivered' }),
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventBusName: ref('Bus'),
      EventPattern: { detail: { kind: ['wanted'] } },
      Targets: [
        { Id: 'one', Arn: getAtt('Heard', 'Arn'), DeadLetterConfig: { Arn: getAtt('Undelivered', 'Arn') } },
      ],
    },
  },
};

const entry = (detail: unknown, more = {}) => ({
  ...{ EventBusName: 'main', Source: 'test', DetailType: 'Thing', Detail: JSON.stringify(detail) },
  ...more,
});

async function bootBus(options = {}) {
  const cloud = await boot({ Resources }, options);
  const client = new EventBridgeClient({ ...clientOf(cloud, 'eventbridge'), maxAttempts: 1 });
  const put = (...Entries: object[]) => client.send(new PutEventsCommand({ Entries }));
  return { cloud, put };
}

test('an event reaches the queue of every rule that matches, in EventBridge’s envelope', async () => {
  const { cloud, put } = await bootBus();

  const { Entries, FailedEntryCount } = await put(entry({ kind: 'wanted', n: 1 }), entry({ kind: 'other' }));
  await cloud.idle();
  const [message, ...others] = cloud.queue('heard').peek();

  expect(FailedEntryCount).toBe(0);
  expect(others).toEqual([]);
  expect(JSON.parse(message?.body ?? '')).toEqual({
    version: '0',
    id: Entries?.[0]?.EventId,
    'detail-type': 'Thing',
    source: 'test',
    account: '000000000000',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    region: 'us-east-1',
    resources: [],
    detail: { kind: 'wanted', n: 1 },
  });
});

test('every event goes to the listeners and into the file', async () => {
  const eventsFile = join(await temporaryDirectory(), 'deep', 'events.jsonl');
  const { cloud, put } = await bootBus({ eventsFile });
  const heard: BusEvent[] = [];
  cloud.onEvent((event) => heard.push(event));

  await put(entry({ n: 1 }), entry({ n: 2 }));
  const lines = (await readFile(eventsFile, 'utf8')).trimEnd().split('\n');

  expect(heard.map(({ detail }) => detail)).toEqual([{ n: 1 }, { n: 2 }]);
  expect(lines.map((line) => JSON.parse(line))).toEqual(heard);
});

test('a wrong entry fails alone', async () => {
  const { put } = await bootBus();

  const { Entries, FailedEntryCount } = await put(
    entry({ fine: true }),
    entry({}, { Detail: 'not json' }),
    entry({}, { Source: undefined }),
    entry({}, { EventBusName: 'nobody' }),
  );

  expect(FailedEntryCount).toBe(3);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    'MalformedDetail',
    'InvalidArgument',
    'InvalidArgument',
  ]);
});

test('more than ten entries, or more than 256 kB in all, are refused', async () => {
  const { put } = await bootBus();

  await expect(put(...Array.from({ length: 11 }, () => entry({})))).rejects.toThrow();
  await expect(put(entry({ text: 'x'.repeat(262_144) }))).rejects.toThrow('over the limit');
});

test('an event that its queue refuses goes to the rule’s dead letters, with the reason', async () => {
  const { cloud, put } = await bootBus();
  let refused = 0;
  cloud.onRequest(({ service, caller }) =>
    service === 'SQS' && caller === 'EventBridge' && refused++ === 0
      ? { status: 400, code: 'AccessDenied' }
      : undefined,
  );

  await put(entry({ kind: 'wanted' }));
  await cloud.idle();

  expect(cloud.queue('heard').peek()).toEqual([]);
  expect(cloud.queue('undelivered').peek()).toMatchObject([
    { attributes: { TARGET_ARN: cloud.queue('heard').arn, ERROR_MESSAGE: 'AccessDenied' } },
  ]);
});

test('a rule whose target is no queue of the stack, or whose pattern is not understood, stops the boot', async () => {
  const rule = (properties: object) => ({
    Resources: {
      ...Resources,
      Bad: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: ['x'] }, ...properties } },
    },
  });

  await expect(boot(rule({ Targets: [{ Id: 'f', Arn: 'arn:aws:lambda:x' }] }))).rejects.toThrow(
    /resource Bad .*target f is no queue/,
  );
  await expect(boot(rule({ EventPattern: { source: [{ cidr: '1' }] } }))).rejects.toThrow(
    /resource Bad .*cidr/,
  );
  await expect(boot(rule({ ScheduleExpression: 'rate(1 day)' }))).rejects.toThrow(
    /does not know the property ScheduleExpression/,
  );
});
