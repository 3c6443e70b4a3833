/** Submit on a real table: intent before money, one paid call a key, and each outcome its own (promises 1 and 2). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Created } from '../../../shared/providers/provider.ts';
import { taskIdForKey } from '../../../shared/task/ids.ts';
import { SCHEMA_VERSION } from '../../../shared/task/record.ts';
import { acceptedAs, scriptedProvider } from '../../support/provider.ts';
import { CREATED, outcome } from '../../support/records.ts';
import { textToImage } from '../../support/requests.ts';
import { signerWith } from '../../support/signers.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { submitting } from './submitting.ts';

const error = { code: 'insufficient_quota', message: 'no more credits', type: 'some_error' };
const refused: Created = { kind: 'refused', status: 402, error };
const busy: Created = { kind: 'busy', why: 'status 429' };
const unconfirmed: Created = { kind: 'unconfirmed', why: 'TIMEOUT' };
let keys = 0;
const newKey = () => `key-${++keys}`;
const idOf = (key: string) => taskIdForKey('root-secret', 'acme', key);

describe.runIf(hasDynamoServer())('submit', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());
  const read = (id: string) => tables.store.get(id);

  describe('intent before money', () => {
    test('when the provider is called, the whole record is there', async () => {
      const seen: unknown[] = [];
      const key = newKey();
      const provider = scriptedProvider({
        creates: [
          async () => {
            seen.push(await read(idOf(key)));
            return acceptedAs('p-1');
          },
        ],
      });
      const body = { ...textToImage(), metadata: { order: '42' }, callback_url: 'https://h.example.com/' };

      await submitting(tables, provider).run(body, key);

      expect(seen).toEqual([
        expect.objectContaining({
          id: idOf(key),
          owner: 'acme',
          key_id: 'key-1',
          submission: 'unconfirmed',
          status: 'pending',
          created: CREATED,
          expires_at: CREATED + 90 * 86_400,
          progress: 0,
          prompt: 'a red fox',
          model: 'wan2.5-text-to-image',
          provider: 'evolink',
          metadata: { order: '42' },
          callback_url: 'https://h.example.com/',
        }),
      ]);
    });

    test('a callback_url whose name leads inside is refused, unless the task is there already', async () => {
      const key = newKey();
      const provider = scriptedProvider();
      const body = { ...textToImage(), callback_url: 'https://h.example.com/' };
      const asked: string[] = [];
      const leadsInside = async (url: string) => asked.push(url) > 0;

      const refused = await submitting(tables, provider, { leadsInside }).run(body, key);
      const nothing = await read(idOf(key));
      await submitting(tables, provider).run(body, key);
      const repeated = await submitting(tables, provider, { leadsInside }).run(body, key);

      expect(refused).toMatchObject({ kind: 'invalid', violation: { param: 'callback_url' } });
      expect(asked).toEqual(['https://h.example.com/']);
      expect(nothing).toBeUndefined();
      expect(repeated).toMatchObject({ kind: 'task', replayed: true });
      expect(provider.creates).toHaveLength(1);
    });

    test('the provider is given the body with n, and our signed callback URL in place of the caller’s', async () => {
      const provider = scriptedProvider();
      const submitted = await submitting(tables, provider).run({
        ...textToImage(),
        metadata: { order: '42' },
        callback_url: 'https://h.example.com/',
      });

      const [create] = provider.creates;
      const [, id = '', signature = ''] =
        /\/v1\/callbacks\/([^/]+)\/([^/]+)$/.exec(create!.callbackUrl) ?? [];
      expect(create?.callbackUrl).toMatch(/^https:\/\/api\.example\.com\/v1\/callbacks\//);
      expect(signerWith().verifyCallback(id, signature)).toBe(true);
      expect(submitted).toMatchObject({ kind: 'task', record: { id, schema_version: SCHEMA_VERSION } });
      expect(await read(id)).toMatchObject({ schema_version: SCHEMA_VERSION });
      expect(create?.body).toMatchObject({ n: 1, prompt: 'a red fox' });
      expect(JSON.stringify(create?.body)).not.toMatch(/order|h\.example/);
    });

    test('without a record no provider is called', async () => {
      const provider = scriptedProvider();
      const { run, table } = submitting(tables, provider);
      table.failOnce('putIntent', 'before');

      await expect(run()).rejects.toThrow('cannot be reached');
      expect(provider.creates).toEqual([]);
    });
  });

  describe('each outcome', () => {
    test('accepted: the task, with the provider’s id on its record', async () => {
      const created: Created = {
        kind: 'accepted',
        providerTaskId: 'p-7',
        estimatedTime: 30,
        usage: { credits: 1.2 },
      };
      const submitted = await submitting(tables, scriptedProvider({ creates: [created] })).run();

      expect(submitted).toMatchObject({ kind: 'task', replayed: false });
      const record = submitted.kind === 'task' ? submitted.record : undefined;
      expect(record).toMatchObject({ submission: 'accepted', provider_task_id: 'p-7', estimated_time: 30 });
      expect(await read(record!.id)).toEqual(record);
    });

    test('refused for good: the provider’s status, code and message, and the record has failed', async () => {
      const key = newKey();
      const submitted = await submitting(tables, scriptedProvider({ creates: [refused] })).run(
        textToImage(),
        key,
      );

      expect(submitted).toEqual({ kind: 'refused', status: 402, error });
      expect(await read(idOf(key))).toMatchObject({
        submission: 'refused',
        status: 'failed',
        error,
        completed: CREATED,
        asked: { images: 1 },
        charge: { images: 0, amount: 0, source: 'none' },
      });
    });

    test('busy to the end: to be tried again, and the record stays open', async () => {
      const key = newKey();
      const { run, clock } = submitting(tables, scriptedProvider({ creates: [busy] }));

      expect(await run(textToImage(), key)).toEqual({ kind: 'busy', retryAfterSeconds: 5 });

      expect(clock.pauses).toEqual([500, 1500, 3000]);
      expect(await read(idOf(key))).toMatchObject({ submission: 'refused', status: 'pending' });
    });

    test('busy with a pause: the caller is told that pause', async () => {
      const provider = scriptedProvider({ creates: [{ ...busy, retryAfterSeconds: 60 }] });
      expect(await submitting(tables, provider).run()).toEqual({ kind: 'busy', retryAfterSeconds: 60 });
    });

    test('unconfirmed: the pending task, asked for once', async () => {
      const key = newKey();
      const provider = scriptedProvider({ creates: [unconfirmed] });

      const submitted = await submitting(tables, provider).run(textToImage(), key);

      expect(submitted).toMatchObject({ kind: 'task', replayed: false, record: { status: 'pending' } });
      expect(provider.creates).toHaveLength(1);
      expect(await read(idOf(key))).toMatchObject({ submission: 'unconfirmed', status: 'pending' });
    });

    describe('our key is wrong', () => {
      const unauthorized: Created = { kind: 'unauthorized', why: 'status 401' };

      test('and was rotated meanwhile: read again, and tried once with the fresh one', async () => {
        const old = scriptedProvider({ creates: [unauthorized] });
        const fresh = scriptedProvider({ creates: [acceptedAs('p-1')] });
        const { run, telemetry } = submitting(tables, old, {
          provider: async (_, key) => (key === 'fresh' ? fresh : old),
        });

        expect(await run()).toMatchObject({ kind: 'task', record: { submission: 'accepted' } });

        expect([old.creates.length, fresh.creates.length]).toEqual([1, 1]);
        expect(fresh.creates[0]).toMatchObject({ callbackUrl: old.creates[0]!.callbackUrl });
        expect(telemetry.counts).toEqual(['TaskSubmitted:accepted']);
      });

      test('and stays so: to be tried again, and said aloud to the operator; nothing is final', async () => {
        const key = newKey();
        const provider = scriptedProvider({ creates: [unauthorized] });
        const { run, telemetry } = submitting(tables, provider);

        expect(await run(textToImage(), key)).toEqual({ kind: 'busy', retryAfterSeconds: 60 });

        expect(provider.creates).toHaveLength(2);
        expect(await read(idOf(key))).toMatchObject({ submission: 'refused', status: 'pending' });
        expect(telemetry.counts).toEqual(['ProviderUnauthorized:evolink', 'TaskSubmitted:busy']);
        const right = submitting(tables, scriptedProvider());
        expect(await right.run(textToImage(), key)).toMatchObject({ kind: 'task', replayed: false });
      });

      test('and cannot be read again: to be tried again', async () => {
        const provider = scriptedProvider({ creates: [unauthorized] });
        const { run, telemetry } = submitting(tables, provider, {
          provider: async (_, key) => {
            if (key === 'fresh') throw new Error('throttled');
            return provider;
          },
        });

        expect(await run()).toEqual({ kind: 'busy', retryAfterSeconds: 60 });
        expect(telemetry.counts).toContain('ProviderUnauthorized:evolink');
      });

      test('because there is none: the same, until the operator sets one', async () => {
        const key = newKey();
        const { run, telemetry } = submitting(tables, undefined);

        expect(await run(textToImage(), key)).toEqual({ kind: 'busy', retryAfterSeconds: 60 });

        expect(telemetry.counts).toContain('ProviderUnauthorized:evolink');
        const provider = scriptedProvider();
        const set = submitting(tables, undefined, {
          provider: async (_, key) => (key === 'fresh' ? provider : undefined),
        });
        expect(await set.run(textToImage(), key)).toMatchObject({ kind: 'task', replayed: false });
      });
    });

    test('nothing that was said holds the prompt or a signature', async () => {
      const { run, telemetry } = submitting(tables, scriptedProvider({ creates: [unconfirmed] }));
      await run(textToImage({ prompt: 'a secret fox' }));

      expect(telemetry.counts).toEqual(['TaskSubmitted:unconfirmed']);
      expect(telemetry.lines.join()).not.toMatch(/secret fox|callbacks/);
    });
  });

  describe('a fault after each step leaves a state that resolves itself', () => {
    test('the intent was written, but its answer was lost: nothing was paid, and a callback or the 24 hours end it', async () => {
      const key = newKey();
      const provider = scriptedProvider();
      const { run, table } = submitting(tables, provider);
      table.failOnce('putIntent', 'after');

      await expect(run(textToImage(), key)).rejects.toThrow();

      expect(provider.creates).toEqual([]);
      expect(await read(idOf(key))).toMatchObject({ submission: 'unconfirmed', status: 'pending' });
      expect(await submitting(tables, provider).run(textToImage(), key)).toMatchObject({
        kind: 'task',
        replayed: true,
      });
      expect(provider.creates).toEqual([]);
    });

    test('the provider’s key cannot be read: certainly nothing was created, and the same key tries again', async () => {
      const key = newKey();
      const provider = scriptedProvider();
      const { run, dependencies } = submitting(tables, provider, {
        provider: () => Promise.reject(new Error('throttled')),
      });

      expect(await run(textToImage(), key)).toMatchObject({ kind: 'busy' });
      expect(await dependencies.store.get(idOf(key))).toMatchObject({
        submission: 'refused',
        status: 'pending',
      });

      expect(await submitting(tables, provider).run(textToImage(), key)).toMatchObject({
        kind: 'task',
        replayed: false,
      });
      expect(provider.creates).toHaveLength(1);
    });

    test('the function dies during the create: unconfirmed, and a repeat never pays again', async () => {
      const key = newKey();
      const dying = scriptedProvider({
        creates: [() => Promise.reject(new Error('the function was stopped'))],
      });
      await expect(submitting(tables, dying).run(textToImage(), key)).rejects.toThrow('stopped');
      expect(await read(idOf(key))).toMatchObject({ submission: 'unconfirmed', status: 'pending' });

      const provider = scriptedProvider();
      expect(await submitting(tables, provider).run(textToImage(), key)).toMatchObject({
        kind: 'task',
        replayed: true,
      });
      expect(provider.creates).toEqual([]);
    });

    test.each(['before', 'after'] as const)(
      'the acceptance cannot be recorded (%s): the caller still gets the task',
      async (when) => {
        const { run, table, telemetry } = submitting(tables, scriptedProvider());
        table.failOnce('accept', when);

        const submitted = await run();

        expect(submitted).toMatchObject({
          kind: 'task',
          record: { submission: 'accepted', provider_task_id: 'provider-1' },
        });
        expect(telemetry.counts).toContain('CreateUnrecorded');
        const id = submitted.kind === 'task' ? submitted.record.id : '';
        expect((await read(id))?.status).toBe('pending');
        expect(await tables.store.conclude(id, outcome({ provider_task_id: 'provider-1' }))).toEqual({
          kind: 'written',
        });
      },
    );

    test.each([
      ['for good', refused, { kind: 'refused', status: 402, error }],
      ['for now', busy, { kind: 'busy', retryAfterSeconds: 5 }],
    ] as const)(
      'a refusal %s cannot be recorded: the caller is told all the same',
      async (_, created, told) => {
        const key = newKey();
        const { run, table } = submitting(tables, scriptedProvider({ creates: [created] }));
        table.failOnce('refuse', 'before');

        expect(await run(textToImage(), key)).toEqual(told);
        expect(await read(idOf(key))).toMatchObject({ submission: 'unconfirmed', status: 'pending' });
      },
    );
  });

  describe('a callback', () => {
    test('before the create response: the task stays completed', async () => {
      const key = newKey();
      const provider = scriptedProvider({
        creates: [
          async () => {
            await tables.store.conclude(idOf(key), outcome({ provider_task_id: 'p-1' }));
            return acceptedAs('p-1');
          },
        ],
      });

      expect(await submitting(tables, provider).run(textToImage(), key)).toMatchObject({ kind: 'task' });
      expect(await read(idOf(key))).toMatchObject({ status: 'completed', provider_task_id: 'p-1' });
    });

    test('of another provider task before the create response is said aloud, and stays', async () => {
      const key = newKey();
      const provider = scriptedProvider({
        creates: [
          async () => {
            await tables.store.conclude(idOf(key), outcome({ provider_task_id: 'p-other' }));
            return acceptedAs('p-1');
          },
        ],
      });
      const { run, telemetry } = submitting(tables, provider);

      expect(await run(textToImage(), key)).toMatchObject({
        record: { status: 'completed', provider_task_id: 'p-other' },
      });
      expect(telemetry.counts).toContain('AcceptanceContradicted');
    });

    test('while the create timed out: the refusal of a later try cannot undo it', async () => {
      const key = newKey();
      const provider = scriptedProvider({
        creates: [
          async () => {
            await tables.store.conclude(idOf(key), outcome({ provider_task_id: 'p-1' }));
            return refused;
          },
        ],
      });

      await submitting(tables, provider).run(textToImage(), key);
      expect(await read(idOf(key))).toMatchObject({ status: 'completed' });
    });
  });
});
