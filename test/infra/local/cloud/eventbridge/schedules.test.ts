/** Scheduled rules: when they run, whom they may invoke, and what becomes of a failure. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { periodOf } from '../../../../../infra/local/cloud/eventbridge/rate.ts';
import { type ScheduledRule, Schedules } from '../../../../../infra/local/cloud/eventbridge/schedules.ts';
import { compileInput } from '../../../../../infra/local/cloud/eventbridge/target-input.ts';
import type { InvocationResult } from '../../../../../infra/local/cloud/index.ts';
import { boot, getAtt, lambda } from '../stacks.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('a rate', () => {
  test.each([
    ['rate(1 minute)', MINUTE],
    ['rate(5 minutes)', 5 * MINUTE],
    ['rate(1 day)', DAY],
    ['rate(36 hours)', 1.5 * DAY],
  ])('%s', (expression, ms) => {
    expect(periodOf(expression)).toBe(ms);
  });

  test.each([
    'rate(1 minutes)',
    'rate(2 minute)',
    'rate(0 days)',
    'rate(1 week)',
    'rate(1.5 days)',
    '1 day',
    '',
  ])('%j is none', (expression) => {
    expect(() => periodOf(expression)).toThrow(/must be like rate\(1 day\)/);
  });

  test('cron is refused by name', () => {
    expect(() => periodOf('cron(0 5 * * ? *)')).toThrow(/knows no cron expressions/);
  });
});

describe('a rule', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** @param answers of the invocations, in their order; what comes after succeeds */
  function started(periodMs: number, answers: (InvocationResult | Error)[] = []) {
    const invoked: { at: number; payload: string }[] = [];
    const log: string[] = [];
    const begun = Date.now();
    const schedules = new Schedules({
      account: '000000000000',
      region: 'us-east-1',
      access: { authorize: () => undefined },
      log: ({ text }) => log.push(text),
    });
    const rule: ScheduledRule = {
      name: 'daily',
      arn: 'arn:aws:events:us-east-1:000000000000:rule/daily',
      periodMs,
      isEnabled: true,
      targets: [
        {
          input: compileInput({}),
          function: {
            settings: { arn: 'arn:aws:lambda:us-east-1:000000000000:function:fn' },
            invoke: async (payload) => {
              invoked.push({ at: Date.now() - begun, payload });
              const answer = answers.shift() ?? { requestId: '1', payload: 'null' };
              if (answer instanceof Error) throw answer;
              return answer;
            },
          },
        },
      ],
    };
    schedules.add(rule);
    schedules.start();
    return { invoked, log, schedules, times: () => invoked.map(({ at }) => at) };
  }

  const failed: InvocationResult = { requestId: '1', error: { errorType: 'Error', errorMessage: 'no' } };

  test('runs once a period, with a scheduled event, until the cloud ends', async () => {
    const { invoked, times, schedules } = started(DAY);

    await vi.advanceTimersByTimeAsync(2.5 * DAY);
    expect(times()).toEqual([DAY, 2 * DAY]);
    expect(JSON.parse(invoked[0]!.payload)).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/daily'],
      detail: {},
    });

    schedules.stop();
    await vi.advanceTimersByTimeAsync(2 * DAY);
    expect(times()).toHaveLength(2);
  });

  test('may have a period longer than any timer', async () => {
    const { times } = started(40 * DAY);

    await vi.advanceTimersByTimeAsync(81 * DAY);
    expect(times()).toEqual([40 * DAY, 80 * DAY]);
  });

  test('tries a function that fails twice more, after one and after two more minutes, and then says so', async () => {
    const { times, log } = started(DAY, [failed, new Error('throttled'), failed]);

    await vi.advanceTimersByTimeAsync(1.5 * DAY);
    expect(times()).toEqual([DAY, DAY + MINUTE, DAY + 3 * MINUTE]);
    expect(log).toEqual([expect.stringMatching(/rule daily could not invoke .*function:fn: no$/)]);
  });

  test('is content with a second try that succeeds', async () => {
    const { times, log } = started(DAY, [failed]);

    await vi.advanceTimersByTimeAsync(1.5 * DAY);
    expect([times(), log]).toEqual([[DAY, DAY + MINUTE], []]);
  });
});

describe('in a stack', () => {
  const rule = (properties: object) => ({
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression: 'rate(1 day)',
      Targets: [{ Id: 'one', Arn: getAtt('Fn', 'Arn') }],
      ...properties,
    },
  });
  const permission = {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: getAtt('Fn', 'Arn'),
      Principal: 'events.amazonaws.com',
      SourceArn: getAtt('Allowed', 'Arn'),
    },
  };
  const bootRules = (Resources: object) =>
    boot(
      { Resources: { Fn: lambda('fn'), ...Resources } },
      { code: { fn: 'export const handler = async (event) => event.source;' }, log: () => undefined },
    );

  test('a rule invokes what the function’s policy lets it invoke, and nothing else', async () => {
    const cloud = await bootRules({ Allowed: rule({}), Other: rule({}), Permission: permission });

    expect(await cloud.runSchedule('Allowed')).toMatchObject([{ payload: '"aws.events"' }]);
    expect(await cloud.runSchedule('Other')).toMatchObject([
      { error: { errorMessage: expect.stringContaining('lambda:InvokeFunction') } },
    ]);
  });

  test.each([
    ['a schedule on a bus of one’s own', { EventBusName: 'mine' }, /only on the default event bus/],
    ['a cron expression', { ScheduleExpression: 'cron(0 5 * * ? *)' }, /no cron expressions/],
    ['both a pattern and a schedule', { EventPattern: { source: ['x'] } }, /both a pattern and a schedule/],
    ['neither', { ScheduleExpression: undefined }, /needs an EventPattern or a ScheduleExpression/],
    [
      'a target that is no function',
      { Targets: [{ Id: 'one', Arn: 'arn:aws:x' }] },
      /is no function of this stack/,
    ],
  ])('%s is refused', async (_, properties, message) => {
    await expect(bootRules({ Rule: rule(properties) })).rejects.toThrow(message);
  });
});
