/**
 * Whatever a stranger sends, each parser that its bytes reach answers, or refuses with a problem in the documented shape: no
 * other error, which would be a 5xx by our own fault or a message that comes again for ever. Random texts bent from good ones,
 * and a corpus of what once broke something; image formats have their own in shared/images/hostile.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDataUri, isDataUri } from '../functions/submit/data-uri.ts';
import { hasTransparency } from '../functions/submit/transparency.ts';
import { placeOf } from '../functions/tasks/cursor.ts';
import { listQuery } from '../functions/tasks/list-query.ts';
import { Problem } from '../shared/http/problem.ts';
import { readRequest } from '../shared/models/read-request.ts';
import { modelNames, providerNames } from '../shared/providers/definitions.ts';
import { readReport } from '../shared/providers/registry.ts';
import { attributesOf } from '../shared/task/attributes.ts';
import { decodeMessage } from '../shared/task/callback-message.ts';
import { isTaskId } from '../shared/task/ids.ts';
import { readTimer } from '../shared/task/timers.ts';
import { readWebhookMessage } from '../shared/webhooks/webhook-queue.ts';
import { checkWebhookUrl, publicHttps } from '../shared/webhooks/webhook-url.ts';
import { anyText } from './support/any-text.ts';
import { png } from './support/pictures.ts';
import { smallest } from './support/requests.ts';
import { signerWith } from './support/signers.ts';

const RUNS = 2000;
const signer = signerWith();
const taskId = 'task_01KDVDNA055ZJ5VMYCTNTVSBAP';

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Each as its caller calls it. */
const parsers: Record<string, (text: string) => unknown> = {
  'a request body': (text) => readRequest(jsonOf(text)),
  'a prompt': (text) => modelNames.map((model) => readRequest(smallest(model, text))),
  metadata: (text) => readRequest({ ...smallest('wan2.5-text-to-image'), metadata: { [text]: text } }),
  'a callback_url': (text) => checkWebhookUrl(text, publicHttps),
  'a data URI': (text) => [
    isDataUri(text),
    decodeDataUri(text),
    decodeDataUri(`data:image/png;base64,${text}`),
  ],
  'the head of an input image': (text) =>
    hasTransparency(Buffer.concat([png().subarray(0, 33), Buffer.from(text)])),
  'a list’s parameters': (text) => listQuery('acme', { [text]: text, limit: text }),
  'a list’s filters': (text) => listQuery('acme', { [`metadata[${text}]`]: text, created_after: text }),
  'a cursor': (text) => placeOf({ owner: 'acme' }, text),
  'a task’s id': isTaskId,
  'a link’s signature': (text) => signer.verifyImageLink(taskId, text, text),
  // A report must also fit into a record, or its message would come again for ever.
  'a provider’s report': (text) =>
    providerNames.map((name) => attributesOf({ report: readReport(name, text) ?? null })),
  'a callback’s message': (text) => decodeMessage(signer, { taskId: text, signature: text, body: text }),
  'a message that poses as ours': (text) =>
    ['read', 'acceptance', text].map((kind) =>
      decodeMessage(signer, { taskId, signature: text, kind, body: text }),
    ),
  'a timer': readTimer,
  'a webhook’s message': readWebhookMessage,
};

/** What broke something once, here or elsewhere: kept for good. */
const corpus: readonly string[] = [
  '',
  'null',
  '[]',
  '{"__proto__":{"status":"completed"},"id":"p-1","status":"completed"}',
  '{"id":"p-1","status":"completed","usage":{"__proto__":1,"constructor":2,"":3}}',
  '{"id":"p-1","status":"completed","usage":{"n":1e300,"m":-1e-300,"big":123456789012345678901234567890}}',
  '{"id":90071992547409930,"status":"failed","error":1021013}',
  '{"id":"job-77","task_id":"p-1","status":"COMPLETED","results":[{"url":1},{"url":"x"},null]}',
  '{"id":"p-1","status":"failed","error":{"message":"\\ud800","code":"\\uffff"}}',
  '{"id":"p-1","status":"completed","output":[[{"content":{"url":"x"}}],{"content":[[]]}]}',
  `{"id":"p-1","status":"completed","results":[${Array.from({ length: 700 }, (_, nth) => `"https://h.example/${nth}"`)}]}`,
  `{"id":"p-1","status":"completed","usage":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`,
  '['.repeat(20_000),
  '{"task":"task_x","attempt":1e999,"due":"soon","chain":5}',
  '{"detail":{"task":{"id":7}}}',
  '\uffff\ufffe\u0000\u001f',
  '\ud800',
  'data:image/png;base64,====',
  'data:image/png;base64,AAA\n',
  'http://[::ffff:a9fe:a9fe]/',
  'https://a.example:99999/',
  '../../..',
  'Infinity-1-abc',
  'zzzzzzzzzzz-1-',
  'x'.repeat(100_000),
];

/** A good text with a piece cut out, doubled, or replaced by anything. */
const bent = fc
  .tuple(
    fc.constantFrom(...corpus.filter(({ length }) => length < 2000)),
    fc.nat(),
    fc.nat(40),
    anyText({ maxLength: 20 }),
  )
  .map(([text, at, length, piece]) => {
    const from = at % (text.length + 1);
    return text.slice(0, from) + piece + text.slice(from + length);
  });
const texts = fc.oneof(anyText({ maxLength: 200 }), fc.json().map(String), bent);

function answerOrProblem(parse: (text: string) => unknown, text: string): void {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.status).toBe(400);
  }
}

describe.each(Object.entries(parsers))('%s', (_, parse) => {
  test.each(corpus.map((text) => [text.slice(0, 60), text]))('takes or refuses %j', (_short, text) => {
    answerOrProblem(parse, text);
  });

  test(`takes or refuses ${RUNS} random texts`, () => {
    fc.assert(
      fc.property(texts, (text) => answerOrProblem(parse, text)),
      { numRuns: RUNS },
    );
  });
});

test('what is no answer and no problem is seen', () => {
  const broken = () => answerOrProblem(() => JSON.parse('{'), '');
  expect(broken).toThrow(SyntaxError);
});
