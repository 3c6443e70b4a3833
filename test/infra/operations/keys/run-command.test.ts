/** What `npm run keys` does to a real keys table and a real usage table, and what the functions then take of it. */
import {
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey } from '../../../../infra/operations/api-keys.ts';
import type { ShownKey } from '../../../../infra/operations/keys/answers.ts';
import { createKey } from '../../../../infra/operations/keys/create-key.ts';
import { keysWithId } from '../../../../infra/operations/keys/key-rows.ts';
import { readCommand } from '../../../../infra/operations/keys/read-command.ts';
import { rotateKey } from '../../../../infra/operations/keys/rotate-key.ts';
import { type KeysDeployment, runCommand } from '../../../../infra/operations/keys/run-command.ts';
import { currentWebhookSecret } from '../../../../infra/operations/webhook-secrets.ts';
import { sha256 } from '../../../../shared/runtime/json.ts';
import { type ApiKeyRow, callerFinder, type FoundCaller } from '../../../../shared/security/api-keys.ts';
import { amountCounters, imageCounters } from '../../../../shared/usage/rows.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../../support/tasks-table.ts';

const START = Date.parse('2026-11-24T12:00:00Z');
/** All that is asked of Secrets Manager here is the root secret. */
const secrets = {
  send: async () => ({ SecretString: 'root-secret'.repeat(6) }),
} as unknown as SecretsManagerClient;

interface Created extends ShownKey {
  readonly key: string;
  readonly webhook_secret: string;
}

describe.runIf(hasDynamoServer())('npm run keys', () => {
  let tables: TestTables;
  let deployment: KeysDeployment;
  let now = START;
  let owners = 0;
  beforeAll(async () => {
    tables = await openTables();
    deployment = {
      dynamodb: tables.client,
      secrets,
      keysTable: tables.keys,
      usageTable: tables.usage,
      rootSecret: 'arn',
      now: () => now,
    };
  });
  afterAll(() => tables.close());

  const newOwner = () => `owner-${owners++}`;
  const run = (line: string) => {
    const [name, ...rest] = line.split(' ');
    return runCommand(deployment, readCommand([name!, 'outputs.json', ...rest]).command);
  };
  const answer = async <T = ShownKey[]>(line: string) => (await run(line)).json as T;
  const create = (line: string) => answer<Created>(`create ${line}`);
  /** What a function that has just started finds. */
  const found = (key: string) => callerFinder(tables.client, tables.keys, () => now)(`Bearer ${key}`);
  const everything = async () => {
    const rows = [tables.keys, tables.usage].map((TableName) =>
      tables.client.send(new ScanCommand({ TableName })),
    );
    return (await Promise.all(rows)).flatMap(({ Items = [] }) => Items.map((item) => unmarshall(item)));
  };

  /** Does this once, right before the first write. */
  const interrupted = (meanwhile: () => Promise<unknown>): KeysDeployment => {
    let waiting: typeof meanwhile | undefined = meanwhile;
    const send = async (command: never) => {
      const first = waiting;
      if ((command as object) instanceof TransactWriteItemsCommand && first) {
        waiting = undefined;
        await first();
      }
      return tables.client.send(command);
    };
    return { ...deployment, dynamodb: Object.create(tables.client, { send: { value: send } }) };
  };

  describe('create', () => {
    test('makes a key that functions take, shows it once, and keeps its hash only', async () => {
      const owner = newOwner();
      const { json, text } = await run(`create --owner ${owner} --requests-per-minute 60 --models wan26_i2i`);
      const { key, webhook_secret, ...shown } = json as Created;

      expect(await found(key)).toEqual({
        kind: 'caller',
        caller: { owner, keyId: shown.key_id, limits: { requests_per_minute: 60, models: ['wan26_i2i'] } },
      });
      for (const word of [key, shown.key_id, webhook_secret]) expect(text).toContain(word);
      expect(await answer(`list --owner ${owner}`)).toEqual([
        {
          key_id: shown.key_id,
          owner,
          state: 'active',
          created: '2026-11-24T12:00:00Z',
          expires_at: null,
          sha256: sha256(key).slice(0, 8),
          limits: { requests_per_minute: 60, models: ['wan26_i2i'] },
          budgeted: false,
        },
      ]);
      expect(JSON.stringify(await everything())).not.toContain(key);
    });

    test('of a key that is there leaves it as it is', async () => {
      const owner = newOwner();
      const { key, key_id } = await create(`--owner ${owner}`);
      await run(`disable ${key_id}`);

      const again = await createKey(deployment, { owner, key, created: 5, limits: {} });

      expect(again).toMatchObject({ key_id, disabled: true, created: START / 1000 });
      expect(await found(key)).toMatchObject({ reason: 'disabled key' });
    });
  });

  test('list is a table for people, of owners by name', async () => {
    const owner = newOwner();
    const { key_id, sha256: hash } = await create(`--owner ${owner} --images-at-once 8`);
    const other = await create(`--owner ${owner}`);
    await run(`disable ${other.key_id}`);

    const { text } = await run(`list --owner ${owner}`);

    const [heading, ...lines] = text.split('\n').map((line) => line.split(/ {2,}/));
    expect(heading).toEqual(['key id', 'sha-256', 'owner', 'created', 'state', 'limits', 'budget']);
    expect(lines).toContainEqual([
      key_id,
      hash,
      owner,
      '2026-11-24T12:00:00Z',
      'active',
      '8 images at once',
      '–',
    ]);
    expect(lines).toContainEqual([
      other.key_id,
      other.sha256,
      owner,
      '2026-11-24T12:00:00Z',
      'disabled',
      '–',
      '–',
    ]);
    const owners = (await answer('list')).map((key) => key.owner);
    expect(owners).toEqual(owners.toSorted());
  });

  test('disable ends a key, enable takes it back', async () => {
    const { key, key_id: keyId } = await create(`--owner ${newOwner()}`);

    expect(await answer(`disable ${keyId}`)).toMatchObject([{ key_id: keyId, state: 'disabled' }]);
    expect(await found(key)).toEqual({ kind: 'refused', reason: 'disabled key', keyId });

    expect(await answer(`enable ${keyId}`)).toMatchObject([{ state: 'active' }]);
    expect(await found(key)).toMatchObject({ kind: 'caller' });
  });

  test('limits sets what is given, keeps the rest, clears what is none, and shows without an option', async () => {
    const { key, key_id: keyId } = await create(
      `--owner ${newOwner()} --requests-per-minute 60 --models wan26_i2i`,
    );

    const changed = await answer(`limits ${keyId} --images-at-once 8 --models any`);
    const shown = await answer(`limits ${keyId}`);
    expect(changed).toMatchObject([{ limits: { requests_per_minute: 60, images_at_once: 8 } }]);
    expect(changed[0]!.limits).not.toHaveProperty('models');
    expect(shown).toEqual(changed);
    expect(await found(key)).toMatchObject({ caller: { limits: changed[0]!.limits } });

    await run(`limits ${keyId} --images-at-once none --requests-per-minute none`);
    expect((await found(key)) as object).toEqual({
      kind: 'caller',
      caller: { owner: changed[0]!.owner, keyId },
    });
  });

  describe('budget', () => {
    const budgetItem = async (owner: string) => {
      const Key = marshall({ owner, entry: 'budget' });
      const { Item } = await tables.client.send(new GetItemCommand({ TableName: tables.usage, Key }));
      return Item && unmarshall(Item);
    };

    test('marks every key of the owner, those that come later too, and nobody else’s', async () => {
      const owner = newOwner();
      const first = await create(`--owner ${owner}`);
      const stranger = await create(`--owner ${newOwner()}`);

      await run(`budget ${owner} --images-per-day 100 --amount-per-month 12.5 --currency USD`);
      const second = await create(`--owner ${owner}`);

      expect(await budgetItem(owner)).toEqual({
        owner,
        entry: 'budget',
        images_per_day: 100,
        amount_per_month: 12_500_000,
        currency: 'USD',
      });
      for (const { key } of [first, second])
        expect(await found(key)).toMatchObject({ caller: { budgeted: true } });
      expect(second.budgeted).toBe(true);
      expect(((await found(stranger.key)) as { caller: object }).caller).not.toHaveProperty('budgeted');

      await run(`budget ${owner} --clear`);
      expect(await budgetItem(owner)).toBeUndefined();
      for (const { key } of [first, second])
        expect(((await found(key)) as { caller: object }).caller).not.toHaveProperty('budgeted');
    });

    test('keeps what is not given, and shows it beside what is used', async () => {
      const owner = newOwner();
      await create(`--owner ${owner}`);
      await run(`budget ${owner} --images-per-day 100 --amount-per-month 12.5 --currency USD`);
      const images = imageCounters('2026-11-24');
      const amount = amountCounters('2026-11-24', 'USD');
      const row = {
        owner,
        entry: 'month#2026-11',
        [images.month]: 70,
        [images.day]: 7,
        [amount.month]: 1_234_567,
        [amount.day]: 0,
      };
      await tables.client.send(new PutItemCommand({ TableName: tables.usage, Item: marshall(row) }));

      const { json, text } = await run(`budget ${owner} --images-per-month 1000`);

      expect(json).toEqual({
        owner,
        budget: {
          images_per_day: 100,
          images_per_month: 1000,
          amount_per_day: null,
          amount_per_month: 12.5,
          currency: 'USD',
        },
        used: { images_per_day: 7, images_per_month: 70, amount_per_day: 0, amount_per_month: 1.234567 },
      });
      expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
        [owner, 'budget', 'reserved and charged'],
        ['images per day', '100', '7'],
        ['images per month', '1000', '70'],
        ['amount per month', '12.5 USD', '1.234567 USD'],
      ]);
      expect((await run(`budget ${owner}`)).json).toEqual(json);
    });

    test('is gone with its last limit', async () => {
      const owner = newOwner();
      const { key } = await create(`--owner ${owner}`);
      await run(`budget ${owner} --amount-per-day 5 --currency credits`);

      const { text } = await run(`budget ${owner} --amount-per-day none`);

      expect(text).toBe(`${owner} has no budget.`);
      expect(await budgetItem(owner)).toBeUndefined();
      expect(((await found(key)) as { caller: object }).caller).not.toHaveProperty('budgeted');
    });

    test('and 20 keys made at the same time: each is marked', async () => {
      const owner = newOwner();
      await create(`--owner ${owner}`);

      const [, ...created] = await Promise.all([
        run(`budget ${owner} --images-per-day 1`),
        ...Array.from({ length: 20 }, () => create(`--owner ${owner}`)),
      ]);

      for (const { key } of created) expect(await found(key)).toMatchObject({ caller: { budgeted: true } });
    });

    test('set while another operator clears it: the keys are marked in the end', async () => {
      const owner = newOwner();
      const { key } = await create(`--owner ${owner}`);
      await run(`budget ${owner} --images-per-day 5`);

      const meanwhile = interrupted(() => run(`budget ${owner} --images-per-day 3`));
      await runCommand(meanwhile, readCommand(['budget', 'outputs.json', owner, '--clear']).command);

      expect(await budgetItem(owner)).toMatchObject({ images_per_day: 3 });
      expect(await found(key)).toMatchObject({ caller: { budgeted: true } });
    });
  });

  describe('rotate', () => {
    test('makes a successor of the same id and limits; the key before it goes on for the overlap', async () => {
      const owner = newOwner();
      const old = await create(`--owner ${owner} --images-at-once 8`);
      await run(`budget ${owner} --images-per-day 5`);

      const next = await answer<Created & { previous_expires_at: string }>(
        `rotate ${old.key_id} --overlap 2h`,
      );

      expect(next).toMatchObject({ key_id: old.key_id, owner, previous_expires_at: '2026-11-24T14:00:00Z' });
      const caller = { owner, keyId: old.key_id, limits: { images_at_once: 8 }, budgeted: true };
      for (const { key } of [old, next]) expect(await found(key)).toEqual({ kind: 'caller', caller });
      now = START + 7_200_000;
      expect(await found(old.key)).toEqual({ kind: 'refused', reason: 'expired key', keyId: old.key_id });
      expect(await found(next.key)).toEqual({ kind: 'caller', caller });
      const states = (await answer(`list --owner ${owner}`)).map(({ state }) => state);
      expect(states.toSorted()).toEqual(['active', 'expired']);
      now = START;
    });

    test('leaves the webhook secret as it is: it belongs to the id', async () => {
      const { key_id: keyId, webhook_secret: before } = await create(`--owner ${newOwner()}`);

      const { key } = await answer<Created>(`rotate ${keyId}`);

      const { caller } = (await found(key)) as Extract<FoundCaller, { kind: 'caller' }>;
      expect(await currentWebhookSecret(deployment, caller)).toBe(before);
      const { webhook_secret: after } = await answer<Created>(`rotate-webhook-secret ${keyId}`);
      expect(after).not.toBe(before);
      await expect(run(`rotate-webhook-secret ${keyId}`)).rejects.toThrow(
        `Two secrets of ${keyId} sign until 2026-11-25T12:00:00Z. Nothing was changed`,
      );
    });

    test('without an overlap the keys before it end now, those of a rotation under way as well', async () => {
      const first = await create(`--owner ${newOwner()}`);
      const second = await answer<Created>(`rotate ${first.key_id} --overlap 90d`);

      const third = await answer<Created>(`rotate ${first.key_id} --overlap 0`);

      for (const { key } of [first, second])
        expect(await found(key)).toMatchObject({ reason: 'expired key' });
      expect(await found(third.key)).toMatchObject({ kind: 'caller' });
    });

    test('disable and limits reach a key and those that it succeeds', async () => {
      const first = await create(`--owner ${newOwner()}`);
      const second = await answer<Created>(`rotate ${first.key_id}`);

      await run(`limits ${first.key_id} --images-at-once 2`);
      for (const { key } of [first, second])
        expect(await found(key)).toMatchObject({ caller: { limits: { images_at_once: 2 } } });
      await run(`disable ${first.key_id}`);
      for (const { key } of [first, second])
        expect(await found(key)).toMatchObject({ reason: 'disabled key' });
    });

    test('of ten at once one makes the successor, the others change nothing', async () => {
      const { key_id: keyId } = await create(`--owner ${newOwner()}`);

      const rotations = await Promise.allSettled(
        Array.from({ length: 10 }, () =>
          rotateKey(deployment, keyId, { key: newKey(), now: START / 1000, overlapSeconds: 60 }),
        ),
      );

      const made = rotations.filter(({ status }) => status === 'fulfilled').length;
      const rows = await keysWithId(deployment, keyId);
      expect(rows).toHaveLength(1 + made);
      expect(rows.filter(({ expires_at }) => expires_at === undefined)).toHaveLength(1);
      for (const rotation of rotations)
        if (rotation.status === 'rejected') expect(String(rotation.reason)).toContain('nothing was changed');
    });

    test.each(['disable ID', 'limits ID --images-at-once 3', 'budget OWNER --images-per-day 3'])(
      'while %s is done changes nothing: its key would not have that',
      async (line) => {
        const { key_id: keyId, owner } = await create(`--owner ${newOwner()}`);
        const meanwhile = interrupted(() => run(line.replace('ID', keyId).replace('OWNER', owner)));

        const rotation = { key: newKey(), now: START / 1000, overlapSeconds: 60 };
        await expect(rotateKey(meanwhile, keyId, rotation)).rejects.toThrow('nothing was changed');

        expect(await keysWithId(deployment, keyId)).toHaveLength(1);
      },
    );

    test.each<[string, Partial<ApiKeyRow>]>([
      ['disable ID', { disabled: true }],
      ['limits ID --images-at-once 3', { limits: { images_at_once: 3 } }],
      ['budget OWNER --images-per-day 3', { budgeted: true }],
    ])('while %s is done is caught up with: both keys have that', async (line, expected) => {
      const { key_id: keyId, owner } = await create(`--owner ${newOwner()}`);
      const [name, ...rest] = line.replace('ID', keyId).replace('OWNER', owner).split(' ');
      const { command } = readCommand([name!, 'outputs.json', ...rest]);

      await runCommand(
        interrupted(() => run(`rotate ${keyId}`)),
        command,
      );

      const rows = await keysWithId(deployment, keyId);
      expect(rows).toMatchObject([expected, expected]);
    });
  });

  describe('writes nothing, and says what is allowed', () => {
    let keyId: string;
    let owner: string;
    beforeAll(async () => {
      owner = newOwner();
      keyId = (await create(`--owner ${owner}`)).key_id;
      await run(`budget ${owner} --amount-per-day 5 --amount-per-month 50 --currency USD`);
    });

    test.each([
      ...['disable', 'enable', 'limits', 'rotate', 'rotate-webhook-secret'].map((name) => [
        `${name} key_none`,
        'There is no key key_none',
      ]),
      ['limits key_none --images-at-once 1', 'There is no key key_none'],
      ['budget nobody --images-per-day 1', 'No key is of the owner nobody; there are keys of '],
      ['budget nobody', 'No key is of the owner nobody'],
      ['list --owner nobody', 'No key is of the owner nobody'],
      [
        'budget OWNER --currency EUR',
        'The budget is in USD: with another currency its --amount-per-day and --amount-per-month must be given anew',
      ],
      ['budget OWNER --currency EUR --amount-per-day 4', 'its --amount-per-month must be given anew'],
      ['budget OWNER --currency USD --amount-per-day none --amount-per-month none', '--currency goes with'],
    ])('%s', async (line, message) => {
      const before = await everything();

      await expect(run(line.replace('OWNER', owner))).rejects.toThrow(
        expect.objectContaining({ name: 'BadInput', message: expect.stringContaining(message) }),
      );

      expect(await everything()).toEqual(before);
    });

    test('an amount without a currency', async () => {
      const other = newOwner();
      await create(`--owner ${other}`);

      await expect(run(`budget ${other} --amount-per-day 1`)).rejects.toThrow('An amount needs --currency');
    });

    test('to rotate a disabled key', async () => {
      await run(`disable ${keyId}`);

      await expect(run(`rotate ${keyId}`)).rejects.toThrow(`The key ${keyId} is disabled: enable it first`);
    });

    test('an id that keys of two owners have', async () => {
      const row = { key_hash: 'other', key_id: keyId, owner: 'zzz' };
      await tables.client.send(new PutItemCommand({ TableName: tables.keys, Item: marshall(row) }));

      await expect(run(`disable ${keyId}`)).rejects.toThrow(`Keys of ${owner} and zzz have the id ${keyId}`);
    });
  });

  test('a disabled key and a changed limit are in force within a minute, for who remembered the key', async () => {
    const { key, key_id: keyId } = await create(`--owner ${newOwner()}`);
    const find = callerFinder(tables.client, tables.keys, () => now);
    await find(`Bearer ${key}`);

    await run(`limits ${keyId} --images-at-once 1`);
    now = START + 60_000;
    expect(await find(`Bearer ${key}`)).toMatchObject({ caller: { limits: { images_at_once: 1 } } });
    await run(`disable ${keyId}`);
    now = START + 120_000;
    expect(await find(`Bearer ${key}`)).toMatchObject({ reason: 'disabled key' });
    now = START;
  });
});
