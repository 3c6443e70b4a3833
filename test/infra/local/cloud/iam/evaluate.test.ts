import { expect, test } from 'vitest';
import { evaluate, type Need } from '../../../../../infra/local/cloud/iam/evaluate.ts';
import type { Principal } from '../../../../../infra/local/cloud/iam/principal.ts';
import { identityPolicy, resourcePolicy } from '../../../../../infra/local/cloud/iam/statement.ts';

const roleArn = 'arn:aws:iam::1:role/reader';
const session: Principal = {
  kind: 'session',
  arn: 'arn:aws:sts::1:assumed-role/reader/fn',
  account: '1',
  roleArn,
};
const rule: Principal = {
  kind: 'service',
  name: 'events.amazonaws.com',
  sourceArn: 'arn:aws:events:us-east-1:1:rule/a',
  account: '1',
};
const queueArn = 'arn:aws:sqs:us-east-1:1:jobs';
const send: Need = { action: 'sqs:SendMessage', resource: queueArn };

interface Given {
  readonly own?: readonly object[];
  readonly onQueue?: readonly object[];
}

function decide(
  principal: Principal,
  need: Need,
  { own = [], onQueue = [] }: Given,
  isWithout?: () => boolean,
) {
  const held = (statements: ReturnType<typeof identityPolicy.parse>) =>
    statements.map((statement) => ({ holder: 'Holder', statement }));
  return evaluate(
    principal,
    need,
    {
      ofPrincipal: held(identityPolicy.parse({ Statement: own })),
      onResource: held(resourcePolicy.parse({ Statement: onQueue })),
    },
    isWithout,
  );
}

const may = (more: object = {}) => ({
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: queueArn,
  ...more,
});
const deny = (more: object = {}) => may({ Effect: 'Deny', ...more });
const everybody = { Principal: '*' };
const events = { Principal: { Service: 'events.amazonaws.com' } };
const by = [{ holder: 'Holder', action: 'sqs:SendMessage', resource: queueArn }];
const refused = (because: string) => ({ allowed: false, because });
const noIdentity = refused('because no identity-based policy allows the sqs:SendMessage action');
const noResource = refused('because no resource-based policy allows the sqs:SendMessage action');

test('what nothing allows is refused', () => {
  expect(decide(session, send, {})).toEqual(noIdentity);
  expect(decide(rule, send, {})).toEqual(noResource);
});

test('within an account, either kind of policy is enough', () => {
  expect(decide(session, send, { own: [may()] })).toEqual({ allowed: true, by });
  expect(decide(session, send, { onQueue: [may({ Principal: { AWS: roleArn } })] })).toEqual({
    allowed: true,
    by,
  });
  expect(decide(rule, send, { onQueue: [may(events)] })).toEqual({ allowed: true, by });
});

test('a Deny wins, wherever it stands', () => {
  expect(decide(session, send, { own: [may(), deny()] })).toEqual(
    refused('with an explicit deny in an identity-based policy'),
  );
  expect(decide(session, send, { own: [may()], onQueue: [deny(everybody)] })).toEqual(
    refused('with an explicit deny in a resource-based policy'),
  );
  expect(decide(rule, send, { onQueue: [may(events), deny(everybody)] })).toMatchObject({ allowed: false });
});

test.each([
  ['the role', { AWS: roleArn }, true],
  ['its session', { AWS: 'arn:aws:sts::1:assumed-role/reader/fn' }, true],
  ['any principal', { AWS: '*' }, true],
  ['another role', { AWS: 'arn:aws:iam::1:role/writer' }, false],
  ['a service', { Service: 'events.amazonaws.com' }, false],
  // That only leaves it to the account's own policies.
  ['the account', { AWS: 'arn:aws:iam::1:root' }, false],
  ['the account by its number', { AWS: '1' }, false],
])('a policy on a queue for %s allows it to a session: %s', (_, Principal, allowed) => {
  expect(decide(session, send, { onQueue: [may({ Principal })] }).allowed).toBe(allowed);
});

test('a Deny to the account is one to its roles', () => {
  const onQueue = [deny({ Principal: { AWS: 'arn:aws:iam::1:root' } })];
  expect(decide(session, send, { own: [may()], onQueue }).allowed).toBe(false);
});

test.each<[string, object, boolean]>([
  ['the very rule', { ArnEquals: { 'aws:SourceArn': 'arn:aws:events:us-east-1:1:rule/a' } }, true],
  ['another rule', { ArnEquals: { 'aws:SourceArn': 'arn:aws:events:us-east-1:1:rule/b' } }, false],
  ['any rule', { ArnLike: { 'AWS:sourcearn': 'arn:aws:events:*:*:rule/*' } }, true],
  ['one of two', { ArnLike: { 'aws:SourceArn': ['arn:aws:x:::y', 'arn:aws:events:*:*:rule/a'] } }, true],
  ['no other rule', { ArnNotLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/*' } }, false],
  ['the account', { StringEquals: { 'aws:SourceAccount': '1' } }, true],
  [
    'both, of which one is wrong',
    {
      StringEquals: { 'aws:SourceAccount': '2' },
      ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/*' },
    },
    false,
  ],
  ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }, true],
  ['no TLS', { Bool: { 'aws:SecureTransport': false } }, false],
  ['a value that the request lacks', { StringEquals: { 's3:prefix': 'in/' } }, false],
  ['such a value, if it exists', { StringEqualsIfExists: { 's3:prefix': 'in/' } }, true],
  ['not a value that the request lacks', { StringNotEquals: { 's3:prefix': 'in/' } }, true],
])('with a condition on %s', (_, Condition, allowed) => {
  expect(decide(rule, send, { onQueue: [may({ ...events, Condition })] }).allowed).toBe(allowed);
});

test('what a request says itself is a condition too', () => {
  const list: Need = {
    action: 's3:ListBucket',
    resource: 'arn:aws:s3:::pictures',
    context: { 's3:prefix': 'in/a' },
  };
  const own = (prefix: string) => [
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: '*',
      Condition: { StringLike: { 's3:prefix': prefix } },
    },
  ];

  expect(decide(session, list, { own: own('in/*') }).allowed).toBe(true);
  expect(decide(session, list, { own: own('out/*') }).allowed).toBe(false);
});

test('every grant that allows a request is named, and one that is taken away counts no more', () => {
  const own = [
    may(),
    { Effect: 'Allow', Action: ['sqs:*', 'sqs:ReceiveMessage'], Resource: ['*', 'arn:aws:sns'] },
  ];

  expect(decide(session, send, { own })).toEqual({
    allowed: true,
    by: [...by, { holder: 'Holder', action: 'sqs:*', resource: '*' }],
  });
  expect(decide(session, send, { own }, () => true)).toEqual(noIdentity);
});
