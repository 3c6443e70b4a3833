import { describe, expect, test } from 'vitest';
import { placesOf, tablesOf } from '../../../infra/operations/redrive-places.ts';

const outputs = {
  ApiUrl: 'https://api.example',
  TasksTable: 'tasks',
  CallbacksQueue: 'q/callbacks',
  CallbacksDeadLetters: 'q/callbacks-dead',
  OverdueQueue: 'q/overdue',
  OverdueDeadLetters: 'q/overdue-dead',
  StatusQueue: 'q/status',
  StatusDeadLetters: 'q/status-dead',
  WebhooksQueue: 'q/webhooks',
  WebhooksDeadLetters: 'q/webhooks-dead',
  WebhookRetriesQueue: 'q/webhook-retries',
  WebhookRetriesDeadLetters: 'q/webhook-retries-dead',
  UnpublishedReports: 'q/unpublished',
  UncountedReports: 'q/uncounted',
  UsageTable: 'usage',
  UsageMetadata: 'team,project',
};

test('each place has its way back; other stacks and other outputs are passed over', () => {
  const places = placesOf(JSON.stringify({ Network: { VpcId: 'vpc-1' }, Wanhook: outputs }));

  expect(places.map(({ name, way, from, to }) => [name, way, from, to])).toEqual([
    ['CallbacksDeadLetters', 'move', 'q/callbacks-dead', 'q/callbacks'],
    ['OverdueDeadLetters', 'move', 'q/overdue-dead', 'q/overdue'],
    ['StatusDeadLetters', 'move', 'q/status-dead', 'q/status'],
    ['WebhooksDeadLetters', 'move', 'q/webhooks-dead', 'q/webhooks'],
    ['WebhookRetriesDeadLetters', 'move', 'q/webhook-retries-dead', 'q/webhook-retries'],
    ['UnpublishedReports', 'republish', 'q/unpublished', 'tasks'],
    ['UncountedReports', 'recount', 'q/uncounted', 'usage'],
  ]);
});

test('the tables of a recount, with the metadata that has rows of its own', () => {
  const tables = (UsageMetadata: string) =>
    tablesOf(JSON.stringify({ Wanhook: { ...outputs, UsageMetadata } }));

  expect(tables('team,project')).toEqual({ tasks: 'tasks', usage: 'usage', names: ['team', 'project'] });
  expect(tables('-').names).toEqual([]);
});

describe('refused, with a message', () => {
  const { UnpublishedReports: _, ...incomplete } = outputs;

  test.each([
    ['text', 'CallbacksQueue=…', 'must be the JSON object'],
    ['a list', '[]', 'must be the JSON object'],
    ['no stack', '{}', 'No stack of the file'],
    ['an output missing', JSON.stringify({ Wanhook: incomplete }), 'at UnpublishedReports'],
    ['two deployments', JSON.stringify({ A: outputs, B: outputs }), 'More than one stack'],
  ])('%s', (_, text, said) => {
    expect(() => placesOf(text)).toThrow(said);
  });
});
