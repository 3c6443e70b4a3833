/** Every snippet of docs/events.md, as it stands there: the stacks are synthesized, the handlers handle, the rule rules. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseEvent } from '../../client/index.ts';
import { output } from '../../infra/local/deploy.ts';
import { EVENT_SOURCE } from '../../shared/events/names.ts';
import { taskEvent } from '../../shared/events/task-event.ts';
import { publicTask } from '../../shared/task/public-task.ts';
import { boot, ref, type Stack } from '../infra/local/cloud/stacks.ts';
import { eventually } from '../support/eventually.ts';
import { keptImage, type RecordChanges, taskRecord } from '../support/records.ts';
import { compileSnippets, consumerFolder, snippetsOf } from '../support/snippets.ts';

const page = await snippetsOf('docs/events.md');
const typescript = page.filter(({ language }) => language === 'ts');
const folder = await consumerFolder();
const compiled = await compileSnippets(folder, typescript);
const [ofQueueStack, ofFunctionStack, ofFunction, ofQueue] = compiled as [string, string, string, string];

/** An event of a task, in EventBridge's envelope. */
function eventOf(changes: RecordChanges) {
  const record = taskRecord({ owner: 'shop', metadata: { order: '42' }, ...changes });
  const { detailType, detail } = taskEvent(
    record,
    publicTask(record, () => 'https://api.example.com/image'),
  );
  return { source: EVENT_SOURCE, 'detail-type': detailType, detail };
}

const completed = eventOf({ status: 'completed', images: [keptImage(0), keptImage(1)] });
const failed = eventOf({ status: 'failed', error: { code: 'gone_wrong', message: '', type: '' } });

test('every snippet has its test', () => {
  expect(page.map(({ language }) => language)).toEqual(['ts', 'ts', 'ts', 'ts', 'json']);
});

describe('by the construct', () => {
  /** The rule of the stack that a snippet makes. */
  async function ruleOf(file: string) {
    const outdir = await mkdtemp(join(tmpdir(), 'wanhook-page-'));
    onTestFinished(() => rm(outdir, { recursive: true, force: true }));
    await promisify(execFile)(process.execPath, [file], {
      cwd: folder,
      env: { PATH: process.env.PATH, CDK_OUTDIR: outdir, CDK_VALIDATION: 'false' },
    });
    const name = (await readdir(outdir)).find((one) => one.endsWith('.template.json'));
    const { Resources } = JSON.parse(await readFile(join(outdir, name!), 'utf8'));
    const rules = Object.values<{ Type: string; Properties: object }>(Resources);
    return rules.find(({ Type }) => Type === 'AWS::Events::Rule')?.Properties;
  }

  test('to a queue', async () => {
    expect(await ruleOf(ofQueueStack)).toMatchObject({
      EventBusName: 'wanhook',
      EventPattern: { detail: { owner: ['shop'] } },
    });
  });

  test('to a function, from another bus', async () => {
    expect(await ruleOf(ofFunctionStack)).toMatchObject({
      EventBusName: 'wanhook-dev',
      EventPattern: {
        'detail-type': ['Image Task Completed'],
        detail: { owner: ['shop', 'press'], task: { model: ['wan26_i2i'] } },
      },
    });
  });
});

describe('what the target does', () => {
  async function printedBy(file: string, event: unknown): Promise<unknown[]> {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    onTestFinished(() => log.mockRestore());
    const { handler } = await import(/* @vite-ignore */ file);
    await handler(event);
    return log.mock.calls;
  }

  test('as a function', async () => {
    expect(await printedBy(ofFunction, completed)).toEqual([[completed.detail.id, 2]]);
    expect(await printedBy(ofFunction, failed)).toContainEqual([failed.detail.id, 'gone_wrong']);
  });

  test('behind a queue', async () => {
    const Records = [completed, failed].map((event) => ({ body: JSON.stringify(event) }));

    expect(await printedBy(ofQueue, { Records })).toEqual([
      [completed.detail.id, 'shop', '42'],
      [failed.detail.id, 'shop', '42'],
    ]);
  });
});

test('by a rule of one’s own: its queue gets the events of its owner', async () => {
  const { Resources } = JSON.parse(page.at(-1)!.code) as Stack;
  const cloud = await boot({
    Resources: { Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'wanhook' } }, ...Resources },
    Outputs: { Url: { Value: ref('Pictures') } },
  });
  const { region, credentials, endpoints } = cloud;
  const eventbridge = new EventBridgeClient({ region, credentials, endpoint: endpoints.eventbridge });
  const sqs = new SQSClient({ region, credentials, endpoint: endpoints.sqs });

  const sent = [eventOf({ owner: 'press', status: 'completed' }), eventOf({ status: 'pending' }), completed];
  const Entries = sent.map(({ source, detail, ...event }) => ({
    EventBusName: 'wanhook',
    Source: source,
    DetailType: event['detail-type'],
    Detail: JSON.stringify(detail),
  }));
  await eventbridge.send(new PutEventsCommand({ Entries }));
  await cloud.idle();

  const receive = new ReceiveMessageCommand({
    QueueUrl: output(cloud, 'Url'),
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
  });
  const bodies = await eventually(async () => {
    const { Messages = [] } = await sqs.send(receive);
    return Messages.length > 0 && Messages.map(({ Body }) => Body);
  }, 'the event');
  expect(bodies.map((body) => parseEvent(body).id)).toEqual([completed.detail.id]);
});
