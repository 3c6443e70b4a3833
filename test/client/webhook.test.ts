/** Webhooks, signed as the specification of Standard Webhooks says, and bent in every way. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { type ReceivedWebhook, verifyWebhook, WebhookVerificationError } from '../../client/index.ts';
import { anyText } from '../support/any-text.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const ID = 'task_01JDG0000000000000000000:completed';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const BODY = JSON.stringify({ id: 'task_1', status: 'completed', prompt: '一只红色的小船 🚣' });

function signature(secret: string, timestamp: string, body: string | Uint8Array = BODY): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${ID}.${timestamp}.`).update(body).digest('base64')}`;
}

/** A good webhook of that age, but for what is given. */
function webhook(more: Partial<ReceivedWebhook> = {}, age = 0): ReceivedWebhook {
  const timestamp = String(NOW / 1000 - age);
  const headers = {
    'webhook-id': ID,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature(SECRET, timestamp),
  };
  return { body: BODY, headers, secret: SECRET, now: NOW, ...more };
}

const bent = (headers: Record<string, string | string[] | undefined>) =>
  webhook({ headers: { ...(webhook().headers as Record<string, string>), ...headers } });

const reasonOf = (received: ReceivedWebhook) =>
  verifyWebhook(received).then(
    () => 'verified',
    (error: unknown) => (error instanceof WebhookVerificationError ? error.reason : error),
  );

const stamp = String(NOW / 1000);

describe('is believed', () => {
  test('with its id, the time of the attempt and the task', async () => {
    expect(await verifyWebhook(webhook())).toEqual({ id: ID, timestamp: NOW / 1000, task: JSON.parse(BODY) });
  });

  test('the example of the specification', async () => {
    const { id, timestamp } = await verifyWebhook({
      body: '{"test": 2432232314}',
      headers: {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      now: 1_614_265_330_000,
    });

    expect({ id, timestamp }).toEqual({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330 });
  });

  test('signed by the public package', async () => {
    const signed = new Webhook(SECRET).sign(ID, new Date(NOW), BODY);

    expect(await reasonOf(bent({ 'webhook-signature': signed }))).toBe('verified');
  });

  test.each([
    ['bytes', { body: Buffer.from(BODY) }],
    ['Headers', { headers: new Headers(webhook().headers as Record<string, string>) }],
    [
      'header names in capitals',
      {
        headers: Object.fromEntries(Object.entries(webhook().headers).map(([k, v]) => [k.toUpperCase(), v])),
      },
    ],
    ['two secrets, of which the second matches', { secret: [OTHER, SECRET] }],
    ['a secret without its prefix', { secret: SECRET.slice('whsec_'.length) }],
  ])('given as %s', async (_, more) => {
    expect(await reasonOf(webhook(more as Partial<ReceivedWebhook>))).toBe('verified');
  });

  test.each([
    ['while the sender’s secret rotates', `${signature(OTHER, stamp)} ${signature(SECRET, stamp)}`],
    ['beside a signature of another version', `v1a,abc ${signature(SECRET, stamp)}`],
    ['beside one that is no base64', `v1,%%% ${signature(SECRET, stamp)}`],
  ])('by one of several signatures, %s', async (_, signatures) => {
    expect(await reasonOf(bent({ 'webhook-signature': signatures }))).toBe('verified');
  });

  test.each([300, 0, -300])('%i s old', async (age) => {
    expect(await reasonOf(webhook({}, age))).toBe('verified');
  });

  test('bytes that are no text are verified as they came', async () => {
    const body = Uint8Array.of(0xff, 0xfe);
    const headers = {
      ...(webhook().headers as Record<string, string>),
      'webhook-signature': signature(SECRET, stamp, body),
    };

    expect(await reasonOf(webhook({ body, headers }))).toBe('invalid_body');
  });
});

describe('fails by name of the reason', () => {
  test.each([
    [
      'a changed byte of the body',
      webhook({ body: BODY.replace('red', 'Red').replace('红', '红红') }),
      'no_matching_signature',
    ],
    ['a changed id', bent({ 'webhook-id': `${ID}x` }), 'no_matching_signature'],
    ['another timestamp', bent({ 'webhook-timestamp': String(NOW / 1000 - 1) }), 'no_matching_signature'],
    ['another key’s secret', webhook({ secret: OTHER }), 'no_matching_signature'],
    [
      'a signature cut short',
      bent({ 'webhook-signature': signature(SECRET, stamp).slice(0, -4) }),
      'no_matching_signature',
    ],
    ['an empty signature', bent({ 'webhook-signature': 'v1,' }), 'no_matching_signature'],
    [
      'a right signature under another version',
      bent({ 'webhook-signature': signature(SECRET, stamp).replace('v1', 'v2') }),
      'no_matching_signature',
    ],
    [
      'a right signature behind very many',
      bent({ 'webhook-signature': `${`${signature(OTHER, stamp)} `.repeat(10)}${signature(SECRET, stamp)}` }),
      'no_matching_signature',
    ],
    ['six minutes old', webhook({}, 360), 'too_old'],
    ['just too old', webhook({}, 301), 'too_old'],
    ['of the future', webhook({}, -301), 'too_new'],
    ['no timestamp at all', bent({ 'webhook-timestamp': undefined }), 'missing_header'],
    ['no id', bent({ 'webhook-id': '' }), 'missing_header'],
    ['no signature', bent({ 'webhook-signature': undefined }), 'missing_header'],
    ['two ids', bent({ 'webhook-id': [ID, ID] }), 'missing_header'],
    ['a timestamp in words', bent({ 'webhook-timestamp': 'now' }), 'invalid_timestamp'],
    ['a timestamp in scientific notation', bent({ 'webhook-timestamp': '1e9' }), 'invalid_timestamp'],
    ['a negative timestamp', bent({ 'webhook-timestamp': `-${stamp}` }), 'invalid_timestamp'],
  ])('%s', async (_, received, reason) => {
    expect(await reasonOf(received)).toBe(reason);
  });

  test.each(['', 'null', '[]', '{"id":'])(
    'a body that is no JSON object, rightly signed: %j',
    async (body) => {
      const headers = {
        ...(webhook().headers as Record<string, string>),
        'webhook-signature': signature(SECRET, stamp, body),
      };

      expect(await reasonOf(webhook({ body, headers }))).toBe('invalid_body');
    },
  );
});

describe('what cannot be right is no matter of the webhook', () => {
  test.each(['', 'whsec_', 'whsec_AAAA', 'whsec_!!!', `whsec_${Buffer.alloc(65).toString('base64')}`])(
    'the secret %j: nobody could forge with an empty one',
    async (secret) => {
      const message = 'secret must be whsec_ and 24 to 64 bytes in base64';
      expect(await reasonOf(webhook({ secret }))).toEqual(new TypeError(message));
    },
  );

  test('no secret', async () => {
    expect(await reasonOf(webhook({ secret: [] }))).toEqual(
      new TypeError('secret must be at least one secret'),
    );
  });

  test('a body that was parsed already', async () => {
    expect(await reasonOf(webhook({ body: JSON.parse(BODY) }))).toBeInstanceOf(TypeError);
  });
});

describe('whatever comes', () => {
  const name = fc.constantFrom('webhook-id', 'webhook-timestamp', 'webhook-signature');
  const value = fc.oneof(anyText({ maxLength: 40 }), fc.constantFrom(stamp, 'v1,', `v1,${'A'.repeat(43)}=`));

  test('nothing that lacks the signature is believed, and nothing but a reason is thrown (a failure prints its seed)', async () => {
    await fc.assert(
      fc.asyncProperty(anyText(), fc.dictionary(name, value), async (body, headers) => {
        expect(await reasonOf(webhook({ body, headers }))).toMatch(
          /^(missing_header|invalid_timestamp|too_old|too_new|no_matching_signature)$/,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('a changed byte of the body, anywhere, is seen (a failure prints its seed)', async () => {
    const bytes = Buffer.from(BODY);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, difference) => {
        const body = new Uint8Array(bytes);
        body[at]! ^= difference;
        expect(await reasonOf(webhook({ body }))).toBe('no_matching_signature');
      }),
      { numRuns: 500 },
    );
  });
});
