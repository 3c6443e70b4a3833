/** What the diagnosis makes of what is known of a deployment. */
import { describe, expect, test } from 'vitest';
import { commandsFor } from '../../../../infra/operations/status/commands.ts';
import { diagnose, isHealthy } from '../../../../infra/operations/status/diagnose.ts';
import { duration } from '../../../../infra/operations/status/diagnose-queues.ts';
import type { Facts, KeyState } from '../../../../infra/operations/status/facts.ts';
import { arnOf, healthy, known, outputs, queuesWith, reader, unknown } from './facts.ts';

const commands = commandsFor(outputs, 'outputs.json');
const findings = (more: Partial<Facts> = {}) => diagnose({ ...healthy, ...more }, commands);
const at = (level: string, more: Partial<Facts>) =>
  findings(more)
    .filter((finding) => finding.level === level)
    .map(({ part, item, says, mend }) => ({ part, item, says, ...(mend && { mend }) }));
const troubles = (more: Partial<Facts>) => at('trouble', more);
const notes = (more: Partial<Facts>) => at('note', more);

const sourcesWith = (name: string, readers: readonly ReturnType<typeof reader>[]) =>
  known(
    (healthy.sources.known ? healthy.sources.value : []).map((source) =>
      source.name === name ? { name, readers } : source,
    ),
  );
const providersWith = (...keys: readonly KeyState[]) =>
  known(
    (healthy.providers.known ? healthy.providers.value : []).map((provider, nth) => ({
      ...provider,
      key: keys[nth] ?? provider.key,
    })),
  );

test('where all is well, every part says so', () => {
  const all = findings();

  expect(isHealthy(all)).toBe(true);
  expect(all.every(({ level }) => level === 'fine')).toBe(true);
  expect(new Set(all.map(({ part }) => part))).toEqual(
    new Set([
      'providers',
      'API keys',
      'event sources',
      'rules',
      'queues',
      'dead letters',
      'stream',
      'open tasks',
      'alarms',
    ]),
  );
});

describe('each trouble has its command', () => {
  test.each<[string, Partial<Facts>, string, RegExp, string]>([
    [
      'a refused key',
      { providers: providersWith({ kind: 'refused', why: 'status 401' }) },
      'EvoLink',
      /refuses its key \(status 401\)/,
      commands.setProviderKeys,
    ],
    [
      'no key at all',
      { providers: providersWith({ kind: 'none' }, { kind: 'none' }) },
      'keys',
      /no provider has a key/,
      commands.setProviderKeys,
    ],
    ['no API key', { apiKeys: known(0) }, 'callers', /there is no API key/, commands.createKey],
    [
      'a disabled event source',
      { sources: sourcesWith('CallbacksQueue', [reader('callback', 'Disabled')]) },
      'CallbacksQueue',
      /disabled: callback is not invoked/,
      commands.enableEventSource('uuid-of-callback'),
    ],
    [
      'an event source that is gone',
      { sources: sourcesWith('stream', []) },
      'stream',
      /no function reads it/,
      commands.deploy,
    ],
    [
      'our rule, disabled',
      { rules: known([{ name: 'ours', isEnabled: false, targets: [arnOf('WebhooksQueue')] }]) },
      'ours',
      /disabled: nothing comes to WebhooksQueue/,
      commands.enableRule('ours'),
    ],
    ['our rule, gone', { rules: known([]) }, 'webhooks', /no webhook is sent/, commands.deploy],
    [
      'dead letters',
      { queues: queuesWith({ StatusDeadLetters: 3 }) },
      'StatusDeadLetters',
      /^3: nothing handles them .*runbook\.md#dead-letters/,
      commands.redrive,
    ],
    [
      'an old message',
      {
        queues: queuesWith({ CallbacksQueue: 1 }),
        measures: known({
          oldestMessage: { CallbacksQueue: 9000 },
          iteratorAge: undefined,
          openBeyond25Hours: 0,
        }),
      },
      'CallbacksQueue',
      /^1 message, the oldest 2 h.*runbook\.md#oldest-callback/,
      commands.readLog('on-CallbacksQueue'),
    ],
    [
      'a late stream',
      {
        measures: known({
          oldestMessage: {},
          iteratorAge: { ms: 600_000, functionName: 'publish' },
          openBeyond25Hours: 0,
        }),
      },
      'iterator age',
      /^10 min at publish: .* is late.*runbook\.md#stream-age/,
      commands.readLog('publish'),
    ],
    [
      'open tasks',
      { openTasks: known({ ids: ['task-1', 'task-2'], looked: 9, isComplete: true }) },
      'beyond 25 h',
      /^2 open, .*like task-1/,
      commands.republish('task-1'),
    ],
    [
      'open tasks that only the sweep saw',
      {
        openTasks: known({ ids: [], looked: 5000, isComplete: false }),
        measures: known({ oldestMessage: {}, iteratorAge: undefined, openBeyond25Hours: 4 }),
      },
      'beyond 25 h',
      /none of the first 5000 tasks, but the daily sweep found 4/,
      commands.redrive,
    ],
    [
      'an alarm on a function',
      {
        alarms: known([
          { name: 'E', description: 'It fails', state: 'ALARM', rings: true, functionName: 'f' },
        ]),
      },
      'E',
      /^ALARM: It fails/,
      commands.readLog('f'),
    ],
    [
      'an alarm on something else',
      { alarms: known([{ name: 'F', description: 'Forged', state: 'ALARM', rings: true }]) },
      'F',
      /^ALARM: Forged/,
      commands.readAlarm('F'),
    ],
    [
      'an alarm that was switched off',
      { alarms: known([{ name: 'F', description: 'Forged', state: 'OK', rings: false }]) },
      'F',
      /switched off/,
      commands.ringAgain('F'),
    ],
    ['no alarm', { alarms: known([]) }, 'all', /no alarm rings/, commands.deploy],
    [
      'nobody who hears them',
      { listeners: known([]) },
      'who hears them',
      /nobody/,
      commands.subscribe('email', 'YOU@EXAMPLE.COM'),
    ],
    [
      'an address that has not confirmed',
      { listeners: known([{ endpoint: 'a@example.com', protocol: 'email', isConfirmed: false }]) },
      'who hears them',
      /a@example\.com \(email\) has not confirmed/,
      commands.subscribe('email', 'a@example.com'),
    ],
  ])('%s', (_, more, item, says, mend) => {
    expect(troubles(more)).toEqual([
      { part: expect.any(String), item, says: expect.stringMatching(says), mend },
    ]);
    expect(isHealthy(findings(more))).toBe(false);
  });

  test('what cannot be read is a trouble, and keeps nothing else from being judged', () => {
    const more = {
      rules: unknown('AccessDeniedException: no'),
      queues: queuesWith({ UnpublishedReports: 1 }),
    };

    expect(troubles(more)).toEqual([
      { part: 'rules', item: 'unknown', says: 'could not be read: AccessDeniedException: no' },
      { part: 'dead letters', item: 'UnpublishedReports', says: expect.any(String), mend: commands.redrive },
    ]);
  });
});

describe('worth knowing, and no trouble', () => {
  test.each<[string, Partial<Facts>, string, RegExp]>([
    [
      'one provider without a key',
      { providers: providersWith({ kind: 'none' }) },
      'EvoLink',
      /one and two are answered 503/,
    ],
    [
      'a provider that is down',
      { providers: providersWith({ kind: 'unknown', why: 'ECONNREFUSED' }) },
      'EvoLink',
      /did not say whether it accepts it \(ECONNREFUSED\)/,
    ],
    [
      'a consumer’s rule that is off',
      {
        rules: known([
          { name: 'ours', isEnabled: true, targets: [arnOf('WebhooksQueue')] },
          { name: 'theirs', isEnabled: false, targets: [arnOf('theirs')] },
        ]),
      },
      'theirs',
      /disabled, to sqs:us-east-1:123456789012:theirs/,
    ],
    [
      'more tasks than are read, before the first sweep',
      {
        openTasks: known({ ids: [], looked: 5000, isComplete: false }),
        measures: known({ oldestMessage: {}, iteratorAge: undefined, openBeyond25Hours: undefined }),
      },
      'beyond 25 h',
      /unknown until the daily sweep ran/,
    ],
    [
      'an alarm without data',
      { alarms: known([{ name: 'A', description: '', state: 'INSUFFICIENT_DATA', rings: true }]) },
      'all',
      /1 without data to tell/,
    ],
  ])('%s', (_, more, item, says) => {
    expect(notes(more)).toEqual([{ part: expect.any(String), item, says: expect.stringMatching(says) }]);
    expect(isHealthy(findings(more))).toBe(true);
  });
});

test('durations are in words', () => {
  expect([0, 119.9, 120, 7199, 7200].map(duration)).toEqual(['0 s', '119 s', '2 min', '119 min', '2 h']);
});
