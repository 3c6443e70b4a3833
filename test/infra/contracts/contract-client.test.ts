/** The client of the contract test finds what an answer has beyond the document, or lacks. */
import { describe, expect, test } from 'vitest';
import { publicTask } from '../../../shared/task/public-task.ts';
import { allOperations } from '../../support/contract.ts';
import { undocumented } from '../../support/contract-client.ts';
import { taskRecord } from '../../support/records.ts';

const getTask = allOperations.find(({ operation }) => operation.operationId === 'getTask')!;
const task = publicTask(taskRecord(), () => 'https://api.example.com/v1/images/x/0/y');
const headers = {
  'content-type': 'application/json',
  etag: `W/"${'x'.repeat(22)}"`,
  'cache-control': 'private, no-cache',
  vary: 'authorization',
  date: 'Fri, 02 Jan 2026 03:04:05 GMT',
};
const error = (code: string) => ({ error: { code, message: 'm', type: 't' } });

interface Changes {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

const found = ({ status = 200, headers: changed = {}, body = task }: Changes) => {
  const all = Object.entries({ ...headers, ...changed }).filter(
    (entry): entry is [string, string] => !!entry[1],
  );
  return undocumented(getTask, {
    status,
    headers: new Headers(all),
    text: body === '' ? '' : JSON.stringify(body),
  });
};
const noTag = { etag: undefined, 'cache-control': undefined, vary: undefined };

describe('found', () => {
  test.each<[string, Changes, string]>([
    ['a fault', { status: 500 }, 'a fault'],
    ['an unknown status', { status: 418 }, 'the status 418'],
    ['an unknown header', { headers: { 'x-secret': '1' } }, 'the header x-secret'],
    ['a missing header', { headers: { etag: undefined } }, 'etag is missing'],
    ['a header of another form', { headers: { etag: '"1"' } }, 'the header etag'],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 'the content type text/plain'],
    ['a field more', { body: { ...task, owner: 'acme' } }, 'additional properties'],
    [
      'a field more, deep inside',
      { body: { ...task, task_info: { can_cancel: false, x: 1 } } },
      'additional',
    ],
    ['a field less', { body: { ...task, prompt: undefined } }, "required property 'prompt'"],
    ['a value of another kind', { body: { ...task, created: 'now' } }, 'created must be integer'],
    ['a body where there is none', { status: 304 }, 'a body'],
    ['an unknown code', { status: 404, headers: noTag, body: error('gone') }, 'equal to one of'],
  ])('%s', (_, changes, fault) => {
    expect(found(changes)).toContain(fault);
  });
});

describe('nothing is found in', () => {
  test.each<[string, Changes]>([
    ['the task', {}],
    ['304 without a body', { status: 304, body: '' }],
    ['a documented error', { status: 404, headers: noTag, body: error('task_not_found') }],
    ["API Gateway's own message", { status: 404, headers: noTag, body: { message: 'Not Found' } }],
  ])('%s', (_, changes) => {
    expect(found(changes)).toBeUndefined();
  });
});
