/** The command line of `npm run keys`: read whole, or refused with what is allowed. */
import { describe, expect, test } from 'vitest';
import { readCommand, usageOf } from '../../../../infra/operations/keys/read-command.ts';

const read = (line: string) => readCommand(line.split(' '));

test.each<[string, object]>([
  ['create out.json --owner acme', { name: 'create', owner: 'acme', limits: {} }],
  [
    'create out.json --owner acme --requests-per-minute 60 --images-at-once 8 --models wan26_i2i,wan25_t2i_preview',
    {
      name: 'create',
      owner: 'acme',
      limits: { requests_per_minute: 60, images_at_once: 8, models: ['wan26_i2i', 'wan25_t2i_preview'] },
    },
  ],
  ['list out.json', { name: 'list', owner: undefined }],
  ['list --owner acme out.json', { name: 'list', owner: 'acme' }],
  ['disable out.json key_1', { name: 'disable', keyId: 'key_1' }],
  ['enable out.json key_1', { name: 'enable', keyId: 'key_1' }],
  ['limits out.json key_1', { name: 'limits', keyId: 'key_1', change: {} }],
  [
    'limits out.json key_1 --requests-per-minute none --models any',
    { name: 'limits', keyId: 'key_1', change: { requests_per_minute: null, models: null } },
  ],
  ['budget out.json acme', { name: 'budget', owner: 'acme', change: {} }],
  [
    'budget out.json acme --images-per-day 100 --amount-per-month 12.5 --currency USD',
    {
      name: 'budget',
      owner: 'acme',
      change: { images_per_day: 100, amount_per_month: 12_500_000, currency: 'USD' },
    },
  ],
  [
    'budget out.json acme --amount-per-day 0.000001 --currency credits',
    { name: 'budget', owner: 'acme', change: { amount_per_day: 1, currency: 'credits' } },
  ],
  ['budget out.json acme --clear', { name: 'budget', owner: 'acme', change: 'clear' }],
  ['rotate out.json key_1', { name: 'rotate', keyId: 'key_1', overlapSeconds: 86_400 }],
  ['rotate out.json key_1 --overlap 90m', { name: 'rotate', keyId: 'key_1', overlapSeconds: 5400 }],
  ['rotate out.json key_1 --overlap 90d', { name: 'rotate', keyId: 'key_1', overlapSeconds: 7_776_000 }],
  ['rotate out.json key_1 --overlap 0', { name: 'rotate', keyId: 'key_1', overlapSeconds: 0 }],
  [
    'rotate-webhook-secret out.json key_1 --force',
    { name: 'rotate-webhook-secret', keyId: 'key_1', force: true },
  ],
])('%s', (line, command) => {
  expect(read(line)).toEqual({ command, file: 'out.json', endpoint: undefined, json: false });
});

test('every command takes an endpoint and --json', () => {
  expect(read('list out.json --endpoint http://127.0.0.1:1 --json')).toMatchObject({
    endpoint: 'http://127.0.0.1:1',
    json: true,
  });
});

describe('is refused, with what is allowed', () => {
  test.each([
    [
      '',
      'The command must be one of create, list, disable, enable, limits, budget, rotate, rotate-webhook-secret',
    ],
    ['delete out.json', 'The command must be one of create'],
    ['toString out.json', 'The command must be one of create'],
    ['list', 'There must be one outputs file'],
    ['list out.json more', 'There must be one outputs file'],
    ['disable out.json', 'There must be one outputs file and one key id'],
    ['disable out.json key_1 key_2', 'There must be one outputs file and one key id'],
    ['budget out.json', 'There must be one outputs file and one owner'],
    ['list out.json --colour', "Unknown option '--colour'"],
    ['disable out.json key_1 --force', "Unknown option '--force'"],
    ['create out.json --owner', "Option '--owner <value>' argument missing"],
    ['create out.json', '--owner must be 1–64 letters, digits, dots, dashes or underscores'],
    ['create out.json --owner a/b', '--owner must be 1–64 letters, digits, dots, dashes or underscores'],
    ['create out.json --owner ..', 'neither . nor ..'],
    [
      'limits out.json key_1 --requests-per-minute 0',
      'must be an integer from 1 to 999999999, or none, not 0',
    ],
    ['limits out.json key_1 --images-at-once -1', '--images-at-once must be an integer from 1 to 999999999'],
    ['limits out.json key_1 --images-at-once 1e3', '--images-at-once must be an integer'],
    ['limits out.json key_1 --images-at-once=', '--images-at-once must be an integer'],
    [
      'limits out.json key_1 --models wan26_i2i,wan3',
      'of wan2.5-text-to-image, wan2.5-image-to-image, wan25_t2i_preview, wan26_i2i; there is no model "wan3"',
    ],
    ['limits out.json key_1 --models=', 'there is no model ""'],
    [
      'budget out.json acme --images-per-day -1',
      '--images-per-day must be an integer from 1 to 999999999, or none, not -1',
    ],
    ['budget out.json acme --images-per-month 1.5', '--images-per-month must be an integer'],
    ['budget out.json acme --amount-per-day -1', '--amount-per-day must be an amount more than 0'],
    ['budget out.json acme --amount-per-day 0', '--amount-per-day must be an amount more than 0'],
    ['budget out.json acme --amount-per-day 0.0000001', 'with at most six decimals'],
    ['budget out.json acme --amount-per-day 1000000001', 'at most 1000000000'],
    ['budget out.json acme --amount-per-day 1,50', '--amount-per-day must be an amount'],
    [
      'budget out.json acme --currency XYZ',
      '--currency must be a code of ISO 4217 in capitals, such as USD, or credits, not XYZ',
    ],
    ['budget out.json acme --currency usd', '--currency must be a code of ISO 4217 in capitals'],
    ['budget out.json acme --clear --images-per-day 1', '--clear takes the whole budget away'],
    [
      'rotate out.json key_1 --overlap 24',
      '--overlap must be minutes, hours or days, such as 30m, 24h or 7d, at most 90d, or 0, not 24',
    ],
    ['rotate out.json key_1 --overlap 91d', 'at most 90d'],
    ['rotate out.json key_1 --overlap -1h', '--overlap must be minutes, hours or days'],
  ])('%s', (line, message) => {
    expect(() => read(line)).toThrow(
      expect.objectContaining({ name: 'BadInput', message: expect.stringContaining(message) }),
    );
  });

  test('an unknown option, without advice on something else', () => {
    expect(() => read('list out.json --colour')).toThrow(/^Unknown option '--colour'$/);
  });
});

test('how a command is called is said of that one, or of all when there is none of this name', () => {
  expect(usageOf('rotate')).toBe(
    'Usage: npm run keys -- rotate <outputs file> <key id> [--overlap 24h] [--endpoint URL] [--json]',
  );
  for (const name of [undefined, 'delete', 'toString']) expect(usageOf(name).split('\n')).toHaveLength(8);
});
