/**
 * The API keeps its contract: whatever a client sends that knows docs/openapi.json alone, no answer is a fault of ours,
 * and none is one that the document does not describe, in status, headers and body.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { type DetailType, eventDetailSchemas } from '../../shared/events/event-schema.ts';
import { allOperations, documentText, operationFor } from '../support/contract.ts';
import { type Operation, requestsOf, send, sendPatiently, undocumented } from '../support/contract-client.ts';
import { readCurl } from '../support/curl.ts';
import { eventually } from '../support/eventually.ts';
import { curlCommands, isRefused } from '../support/examples.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();
const { apiUrl } = system.cloud;

/** Some 10 s in all on an idle machine: where images are inspected or requests are limited, there are fewer. */
const runsOf = (id: string) => ({ createTask: 60, testWebhook: 30, getContract: 50 })[id] ?? 100;
const seed = Number(process.env.WANHOOK_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`The contract is tried with WANHOOK_FUZZ_SEED=${seed}`);

/** Tasks in every state, so that the client gets somewhere. */
async function knowledge() {
  const callback_url = 'https://hooks.example.invalid/';
  const { body: ended } = await system.submit(textToImage('ended', { metadata: { a: '1' }, callback_url }));
  const { body: silent } = await system.submit(textToImage('ended, without a callback_url'));
  await system.evolink.addFault({ kind: 'hold' }, { prompt: 'open' });
  const { body: open } = await system.submit(textToImage('open', { callback_url }));
  const task = await system.ended(ended.id);
  await system.ended(silent.id);
  const [, taskId, index, signature] = /\/images\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(task.results[0]!)!;
  const page = await system.call<{ next_cursor: string }>('GET', '/v1/tasks?limit=1');
  const { headers } = await system.call('GET', `/v1/tasks/${ended.id}`);
  return {
    key: system.deployment.apiKey,
    known: {
      id: [ended.id, silent.id, open.id, 'task_01JGJ0000000000000000000AA'],
      taskId: [taskId!, taskId!, taskId!, open.id],
      index: [index!, index!, index!, '7'],
      signature: [signature!, signature!, signature!, 'x'],
      cursor: [page.body.next_cursor],
      'If-None-Match': [headers.get('etag')!, '*', '"x"'],
      'Idempotency-Key': ['once', 'twice', 'thrice'],
    },
  };
}

describe('a client that knows the document alone (WANHOOK_FUZZ_SEED repeats it)', async () => {
  const client = await knowledge();

  test.each(allOperations.map((operation) => [operation.operation.operationId, operation] as const))(
    '%s',
    async (id, operation: Operation) => {
      const seen = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(requestsOf(operation, client), async (request) => {
          for (const received of await sendPatiently(apiUrl, request)) {
            seen.set(received.status, (seen.get(received.status) ?? 0) + 1);
            expect(undocumented(operation, received)).toBeUndefined();
          }
        }),
        { seed, numRuns: runsOf(id) },
      );

      // That it got somewhere, and was refused where anything can be refused.
      console.log(id, Object.fromEntries(seen));
      const statuses = [...seen.keys()];
      const refusals = Object.keys(operation.operation.responses).filter((status) =>
        /^4(?!29|13|XX)/.test(status),
      );
      expect(statuses.some((status) => status < 400)).toBe(true);
      if (refusals.length > 0) expect(statuses.some((status) => status >= 400)).toBe(true);
    },
  );

  test('every event that came of it is as its schema says', () => {
    const faults = system.events.flatMap(({ detailType, detail }) => {
      const read = eventDetailSchemas[detailType as DetailType].safeParse(detail);
      return read.success ? [] : read.error.issues;
    });

    expect(system.events.length).toBeGreaterThan(10);
    expect(faults).toEqual([]);
  });
});

describe('a curl command of our pages', async () => {
  const { body } = await system.submit(
    textToImage('of our pages', { callback_url: 'https://hooks.example.invalid/' }),
  );
  await system.ended(body.id);
  const variables = { API: apiUrl, KEY: system.deployment.apiKey, TASK: body.id };

  test.each(curlCommands())('$page: $text', async (example) => {
    const request = readCurl(example.text, variables);
    const operation = allOperations.find(
      (one) => one.operation === operationFor(request.method, new URL(request.path, apiUrl).pathname),
    )!;

    // What the fuzz above has used up of a route's limit comes back within seconds.
    const received = await eventually(async () => {
      const answer = await send(apiUrl, request);
      return answer.status !== 429 && answer;
    }, 'an answer within the route’s limit');

    expect(undocumented(operation, received)).toBeUndefined();
    expect(received.status >= 400, received.text).toBe(isRefused(example));
  });
});

test('GET /openapi.json is the checked-in document', async () => {
  const response = await fetch(`${apiUrl}/openapi.json`);

  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(JSON.parse(documentText('docs/openapi.json')));
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
});

test('the document has every route of the stack but those for providers alone and the page’s', async () => {
  const { assembly } = inject('shared');
  const { Resources } = JSON.parse(await readFile(join(assembly, 'Wanhook.template.json'), 'utf8')) as {
    Resources: Record<string, { Type: string; Properties: { RouteKey?: string } }>;
  };
  const routes = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
    .map(({ Properties }) => Properties.RouteKey);
  const forProviders = [
    'POST /v1/callbacks/{taskId}/{signature}',
    'GET /v1/inputs/{taskId}/{index}/{signature}',
  ];

  const forBrowsers = ['GET /', 'GET /assets/{name}'];

  const documented = allOperations.map(({ method, path }) => `${method} ${path}`);
  expect([...documented, ...forProviders, ...forBrowsers].sort()).toEqual(routes.sort());
});
