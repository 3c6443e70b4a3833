/**
 * What every driver must do, run once for each registered provider. What is a provider's own (its spellings, its
 * envelope) stands in the test that is named after it.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { definitions, providerNames } from '../../../shared/providers/definitions.ts';
import type { Provider } from '../../../shared/providers/provider.ts';
import { providerFinder, readReport } from '../../../shared/providers/registry.ts';
import { attributesOf } from '../../../shared/task/attributes.ts';
import { anyText } from '../../support/any-text.ts';
import { keysIn } from '../../support/provider.ts';
import { accepted, smallest } from '../../support/requests.ts';
import { type Answer, nobody, type ScriptedServer, serve } from '../../support/server.ts';
import { createEndings, readEndings, SILENCE } from './endings.ts';
import type { Sample } from './samples/sample.ts';

const KEY = 'our-key/with+signs';
const callbackUrl = 'https://api.example.com/v1/callbacks/task_1/signature';
const askFor = (what: string) => ({ timeoutMs: what === SILENCE ? 1000 : 10_000 });
const ask = askFor('an answer');

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(1e300, -1e300, 1e-300, -1, '', '__proto__', { toString: 1 }, { valueOf: 1 }),
);

const all = await Promise.all(
  providerNames.map(async (name) => {
    const { sample } = (await import(`./samples/${name}.ts`)) as { sample: Sample };
    return { name, sample, ...definitions[name] };
  }),
);

describe.each(all)('$title', ({ name, sample, models, callsBack }) => {
  let server: ScriptedServer;
  let answer: Answer;
  let provider: Provider;
  const at = async (url: string) => (await providerFinder({ [name]: url }, keysIn({ [name]: KEY }))(name))!;
  const bodyOf = (model: string) =>
    accepted({ ...smallest(model), metadata: { order: '42' }, callback_url: 'https://hooks.example.com/' })
      .body;
  const body = bodyOf(models[0]);
  const reported = (json: unknown) => readReport(name, JSON.stringify(json));

  beforeAll(async () => {
    server = await serve(() => answer);
    provider = await at(server.url);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.seen.splice(0);
  });

  describe('a create', () => {
    test.each(models)('of %s is sent with our key, and with nothing of the caller’s own', async (model) => {
      answer = { json: sample.created };

      const created = await provider.create(bodyOf(model), callbackUrl, ask);

      expect(created).toMatchObject({ kind: 'accepted', providerTaskId: sample.created.id });
      expect(server.seen).toHaveLength(1);
      const [request] = server.seen;
      expect(request).toMatchObject({
        method: 'POST',
        path: sample.createPath,
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      });
      expect(JSON.parse(request!.body)).toMatchObject({ model });
      expect(request!.body).not.toMatch(/hooks|order|metadata/);
    });

    test(`carries ${callsBack ? 'our callback URL' : 'nothing of a callback'}`, async () => {
      answer = { json: sample.created };

      await provider.create(body, callbackUrl, ask);

      const [request] = server.seen;
      if (callsBack) expect(request!.body).toContain(callbackUrl);
      else expect(`${request!.body}${JSON.stringify(request!.headers)}`).not.toMatch(/callback/i);
    });

    test('keeps the characters of its prompt', async () => {
      answer = { json: sample.created };
      const prompt = '把🦊变成蓝色 "\\\u2028';

      await provider.create(accepted(smallest(models[0], prompt)).body, callbackUrl, ask);

      expect(JSON.stringify(JSON.parse(server.seen[0]!.body))).toContain(JSON.stringify(prompt));
    });

    test('brings the usage as reported', async () => {
      answer = { json: sample.created };
      expect(await provider.create(body, callbackUrl, ask)).toMatchObject({ usage: sample.created.usage });
    });

    test.each([
      ['only an id', { id: 'p-1' }],
      ['task_id for id', { task_id: 'p-1' }],
      ['an odd usage', { id: 'p-1', usage: 'much' }],
      ['status 201', { id: 'p-1' }, 201],
      ['status 202', { id: 'p-1' }, 202],
    ])('is accepted with %s', async (_, json, status = 200) => {
      answer = { json, status };
      expect(await provider.create(body, callbackUrl, ask)).toEqual({
        kind: 'accepted',
        providerTaskId: 'p-1',
      });
    });

    test('is accepted with a number for an id', async () => {
      answer = { json: { id: 12345 } };
      expect(await provider.create(body, callbackUrl, ask)).toMatchObject({ providerTaskId: '12345' });
    });

    describe('whose answer reports the end already', () => {
      const completed = sample.completed('p-1', ['https://images.example.com/1.png']);
      test.each([
        ['a completion with images', completed],
        ['a failure', { id: 'p-1', status: 'failed', error: 'no' }],
      ])('brings the very bytes of it: %s', async (_, json) => {
        answer = { json };
        const created = await provider.create(body, callbackUrl, ask);
        expect(created).toMatchObject({ kind: 'accepted', providerTaskId: 'p-1' });
        expect(created).toHaveProperty('outcome', Buffer.from(JSON.stringify(json)));
      });

      test.each([
        ['a completion that names no image yet', { id: 'p-1', status: 'completed' }],
        ['progress', { id: 'p-1', status: 'processing', progress: 40 }],
      ])('is not taken for the end by %s', async (_, json) => {
        answer = { json };
        expect(await provider.create(body, callbackUrl, ask)).not.toHaveProperty('outcome');
      });
    });

    test.each(createEndings)('that ends with %s', async (what, given, created) => {
      answer = given;
      expect(await provider.create(body, callbackUrl, askFor(what))).toMatchObject(created);
      expect(server.seen).toHaveLength(1);
    });

    test('where nobody listens certainly created nothing', async () => {
      const gone = await at(await nobody());
      expect(await gone.create(body, callbackUrl, ask)).toEqual({ kind: 'busy', why: 'ECONNREFUSED' });
    });

    // Regression: an estimate of 1e300 seconds could not be stored, and the task's id was lost with it.
    test('absurd values beside an id never cost the id, and what is kept can be stored', async () => {
      const beside = fc.record(
        {
          task_info: fc.oneof(odd, fc.record({ estimated_time: odd })),
          created: odd,
          progress: odd,
          status: odd,
          usage: fc.oneof(odd, fc.dictionary(fc.string(), odd)),
        },
        { requiredKeys: [] },
      );
      const property = fc.asyncProperty(beside, async (values) => {
        answer = { json: { id: 'p-1', ...values } };
        const created = await provider.create(body, callbackUrl, ask);
        expect(created).toMatchObject({ kind: 'accepted', providerTaskId: 'p-1' });
        attributesOf(created);
      });
      await fc.assert(property, { numRuns: 100 });
      const absurd = { estimated_time: 1e300 };
      answer = { json: { id: 'p-1', task_info: absurd, ...absurd, usage: absurd } };
      expect(attributesOf(await provider.create(body, callbackUrl, ask))).toBeDefined();
    });

    test('keeps every digit of an id that is a large number', async () => {
      answer = { body: '{"id":12345678901234567890,"status":"pending"}' };
      expect(await provider.create(body, callbackUrl, ask)).toMatchObject({
        providerTaskId: '12345678901234567890',
      });
    });

    test.each([401, 403])('refused with %i is about our key, and tells nothing of it', async (status) => {
      answer = { status, json: { error: { code: 'unauthorized', message: `Bad key ${KEY}` } } };
      const created = await provider.create(body, callbackUrl, ask);
      expect(created).toEqual({ kind: 'unauthorized', why: `status ${status}` });
    });
  });

  describe('a read', () => {
    test('asks for the task, its id made safe, and brings the very bytes', async () => {
      const json = sample.completed('p/1 ?', ['https://images.example.com/1.png']);
      answer = { json };

      const read = await provider.read('p/1 ?', ask);

      expect(server.seen).toMatchObject([
        {
          method: 'GET',
          path: sample.readPath('p%2F1%20%3F'),
          body: '',
          headers: { authorization: `Bearer ${KEY}` },
        },
      ]);
      expect(read).toMatchObject({
        kind: 'report',
        report: { status: 'completed', providerTaskId: 'p/1 ?' },
        body: Buffer.from(JSON.stringify(json)),
      });
    });

    test.each(readEndings)('that ends with %s', async (what, given, kind) => {
      answer = given;
      expect((await provider.read('p-1', askFor(what))).kind).toBe(kind);
    });
  });

  describe('a report', () => {
    test('of a completion names the images in their order', () => {
      const urls = ['https://images.example.com/1.png', 'https://images.example.com/2.png?a=b'];
      expect(reported(sample.completed('p-1', urls))).toEqual({
        providerTaskId: 'p-1',
        status: 'completed',
        progress: expect.any(Number),
        content: urls.map((url) => ({ type: 'image', url })),
      });
    });

    test('of a completion without results has none', () => {
      expect(reported({ id: 'p-1', status: 'completed' })).toMatchObject({
        status: 'completed',
        content: [],
      });
    });

    test.each([
      ['pending', 'pending'],
      ['queued', 'pending'],
      ['processing', 'processing'],
      ['in_progress', 'processing'],
      ['running', 'processing'],
      ['PROCESSING', 'processing'],
    ])('of a task that is %s is progress', (status, meaning) => {
      expect(reported({ task_id: 'p-1', status, progress: 40 })).toEqual({
        providerTaskId: 'p-1',
        status: meaning,
        progress: 40,
      });
    });

    test.each([
      [
        'an object',
        { error: { code: 'content_policy_violation', message: 'No.', type: 'x' } },
        { code: 'content_policy_violation', message: 'No.', type: 'x' },
      ],
      ['a string', { error: 'No.' }, { code: 'unknown_error', message: 'No.' }],
      ['an integer code', { error: { code: 500, message: 'No.' } }, { code: '500', message: 'No.' }],
      ['error_message', { error_message: 'No.' }, { code: 'unknown_error', message: 'No.' }],
      ['nothing', {}, { code: 'unknown_error', message: 'The provider gave no reason' }],
    ])('of a failure holds its error, given as %s', (_, own, error) => {
      expect(reported({ id: 'p-1', status: 'failed', ...own })).toMatchObject({ status: 'failed', error });
    });

    test.each([
      { status: 'cancelled' },
      { status: 'canceled' },
      { status: 'failed', error: { code: 'request_cancelled', message: 'x', type: 'task_error' } },
    ])('of a cancellation is a failure: %o', (own) => {
      expect(reported({ id: 'p-1', ...own })).toMatchObject({
        status: 'failed',
        error: { code: 'request_cancelled' },
      });
    });

    test.each([
      '',
      'null',
      '[]',
      '7',
      '"completed"',
      '{',
      '{"id":"p-1"}',
      '{"status":"completed"}',
      '{"id":{},"status":"completed"}',
    ])('is none: %s', (text) => {
      expect(readReport(name, text)).toBeUndefined();
    });
  });

  describe('odd JSON', () => {
    test('behind a byte order mark is read all the same', async () => {
      answer = { body: '\uFEFF{"id":"p-1","status":"pending"}' };
      expect(await provider.create(body, callbackUrl, ask)).toMatchObject({ providerTaskId: 'p-1' });
      expect(readReport(name, '\uFEFF{"id":"p-1","status":"failed"}')).toMatchObject({
        providerTaskId: 'p-1',
      });
    });

    // Regression: the reviver had no stack left, so a paid completion was no report at all.
    test.each([5000, 120_000])('of %i levels in what nobody needs costs neither id nor results', (levels) => {
      const completed = JSON.stringify(sample.completed('p-1', ['https://images.example.com/1.png']));
      const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`;

      expect(readReport(name, completed.replace(/^\{/, `{"debug":${deep},`))).toMatchObject({
        providerTaskId: 'p-1',
        content: [{ type: 'image', url: 'https://images.example.com/1.png' }],
      });
    });

    /** Ends a hang; the time grew with the square of the length, to minutes. */
    const LIMIT_MS = 60_000;
    test('of nothing but backslashes is cleaned in one pass', { timeout: LIMIT_MS }, () => {
      const text = '\\'.repeat(200_000);
      const failed = { id: 'p-1', status: 'failed', error: { message: text }, usage: { note: text } };

      const report = readReport(name, JSON.stringify(failed), '/our-key');

      expect(report).toMatchObject({ error: { message: text.slice(0, 1000) }, usage: { note: text } });
    });
  });

  describe('our key', () => {
    const quoted = [
      ['as it is', KEY],
      ['escaped as in JSON', KEY.replaceAll('/', '\\/')],
      ['escaped twice', KEY.replaceAll('/', '\\\\/')],
      ['with \\u escapes', KEY.replaceAll('/', '\\u002f')],
      ['encoded as in a URL', encodeURIComponent(KEY)],
      ['encoded as in a URL, in small letters', encodeURIComponent(KEY).toLowerCase()],
      ['encoded twice', encodeURIComponent(encodeURIComponent(KEY))],
    ] as const;
    const given = (text: string) => ({
      error: { code: `bad ${text}`, message: `the key "${text}" is wrong`, type: `key ${text}` },
    });
    const cleaned = { code: 'bad …', message: 'the key "…" is wrong', type: 'key …' };

    test.each(quoted)('%s does not come back in the error of a create', async (_, text) => {
      answer = { status: 400, json: given(text) };
      expect(await provider.create(body, callbackUrl, ask)).toMatchObject({ error: cleaned });
    });

    test.each(quoted)('%s does not come back in a report', async (_, text) => {
      const failed = { id: 'p-1', status: 'failed', ...given(text), usage: { note: text, [text]: [text] } };
      answer = { json: failed };

      const read = await provider.read('p-1', ask);
      const report = readReport(name, JSON.stringify(failed), KEY);

      expect(read).toMatchObject({ report });
      expect(report).toMatchObject({ error: cleaned, usage: { note: '…', '…': ['…'] } });
    });

    // Regression: a key that occurred in a task's id was taken out of the id, and the callback was foreign.
    test('never changes an id or an address in which it occurs', async () => {
      const short = await providerFinder({ [name]: server.url }, keysIn({ [name]: 'task' }))(name);
      const urls = ['https://images.example.com/task/task-1.png'];
      answer = { json: { id: 'task-1', status: 'pending' } };
      const created = await short!.create(body, callbackUrl, ask);
      answer = { json: sample.completed('task-1', urls) };
      const read = await short!.read('task-1', ask);
      const called = readReport(name, JSON.stringify(sample.completed('task-1', urls)), 'task');

      expect(created).toMatchObject({ kind: 'accepted', providerTaskId: 'task-1' });
      expect(read).toMatchObject({
        report: { providerTaskId: 'task-1', content: urls.map((url) => ({ type: 'image', url })) },
      });
      expect(called).toMatchObject({ providerTaskId: 'task-1', content: [{ url: urls[0] }] });
    });
  });

  describe('anything at all (a failure prints its seed)', () => {
    const status = fc.oneof(
      odd,
      fc.constantFrom(
        'completed',
        'failed',
        'in_progress',
        'cancelled',
        'constructor',
        '__proto__',
        'SUCCESS',
      ),
    );
    const task = fc.record(
      {
        id: fc.oneof(fc.constant('p-1'), odd),
        task_id: odd,
        status,
        progress: odd,
        results: odd,
        output: odd,
        usage: odd,
        error: odd,
        data: odd,
        message: odd,
      },
      { requiredKeys: [] },
    );

    test('is read or refused as a report, and what is read can be stored', () => {
      fc.assert(
        fc.property(fc.oneof(task, fc.jsonValue()), (json) => {
          const report = reported(json);
          if (!report) return;
          expect(['pending', 'processing', 'completed', 'failed']).toContain(report.status);
          expect(report.providerTaskId).toMatch(/./su);
          expect(report.progress).toBeGreaterThanOrEqual(0);
          expect(report.progress).toBeLessThanOrEqual(100);
          attributesOf(report);
        }),
        { numRuns: 300 },
      );
    });

    test('that is no JSON is no report', () => {
      fc.assert(
        fc.property(anyText(), (text) => {
          expect(readReport(name, `<${text}`)).toBeUndefined();
        }),
      );
    });
  });
});
