import { expect, test } from 'vitest';
import { complaints } from './check.ts';
import { labelOf } from './labels.ts';
import { pageOf, readPage, rowsOf } from './page.ts';
import { AT_START, BETWEEN, type PermissionRecord } from './records.ts';

const send = 'SubmitRole: sqs:SendMessage on Jobs';
const put = 'SubmitRole: s3:PutObject on pictures/in/*';
const receive = 'CheckRole: sqs:ReceiveMessage on Jobs';
const recordOf = (name: string, needed: PermissionRecord['needed']): PermissionRecord => ({
  file: `test/system/${name}.test.ts`,
  grants: [send, put, receive],
  needed,
});
const records = [
  recordOf('a', { [send]: ['one | two', 'three'], [receive]: [AT_START, 'three'], [put]: [BETWEEN] }),
  recordOf('b', { [put]: ['four'] }),
];
const whole = { isWhole: true };
const rows = [
  { grant: receive, test: undefined, isProven: true },
  { grant: put, test: { file: 'test/system/b.test.ts', name: 'four' }, isProven: false },
  { grant: send, test: { file: 'test/system/a.test.ts', name: 'one | two' }, isProven: false },
];

test('each grant is listed with the first test that needs it, or as needed by the start', () => {
  expect(rowsOf(records, [], whole)).toEqual(rows);
});

test('a test that the page names already is kept while it needs the grant, and with it the proof', () => {
  const named = { file: 'test/system/a.test.ts', name: 'three' };
  const kept = { grant: send, test: named, isProven: true };
  const gone = { ...kept, test: { ...named, name: 'gone' } };

  expect(rowsOf(records, [kept], whole)[2]).toEqual(kept);
  expect(rowsOf(records, [gone], whole)).toEqual(rows);
});

test('a grant that no test needs is an error that names it', () => {
  const some = [recordOf('a', { [send]: ['x'], [receive]: ['x'], [put]: [BETWEEN] })];

  expect(() => rowsOf(some, rows, whole)).toThrow(`no test needs what these grant:\n${put}`);
  expect(() => rowsOf(some, [], { isWhole: false })).toThrow(put);
  // Of some tests only, it is not known.
  expect(rowsOf(some, rows, { isWhole: false })[1]).toEqual(rows[1]);
});

test('a page is read as it was written, and says how many grants were taken away', () => {
  expect(readPage(pageOf(rows))).toEqual(rows);
  expect(pageOf(rows)).toContain('Of 3 grants 1 were taken away');
});

test('a page that is not current is complained of, by grant', () => {
  const old = [
    { grant: 'SubmitRole: s3:GetObject on pictures', test: undefined, isProven: true },
    { grant: put, test: { file: 'test/system/a.test.ts', name: 'x' }, isProven: false },
    { grant: receive, test: undefined, isProven: true },
  ];

  expect(complaints(rows, records)).toEqual([]);
  expect(complaints(old, records)).toEqual([
    'SubmitRole: s3:GetObject on pictures: is granted no more',
    `${send}: is not on the page`,
    `${put}: test/system/a.test.ts does not need it`,
  ]);
  expect(complaints(rows, [recordOf('a', {})])).toEqual(
    [send, put, receive].map((one) => `${one}: no test needs it`),
  );
});

test.each([
  ['arn:aws:sqs:us-east-1:000000000000:Wanhook-CallbacksQueue8CDAAA4E.fifo', 'CallbacksQueue.fifo'],
  [
    'arn:aws:dynamodb:us-east-1:000000000000:table/Wanhook-StorageTasks0123ABCD-ABCDEFGHIJ12',
    'table/StorageTasks',
  ],
  [
    'arn:aws:dynamodb:us-east-1:000000000000:table/Wanhook-StorageTasks0123ABCD-ABCDEFGHIJ12/index/by-owner',
    'table/StorageTasks/index/by-owner',
  ],
  [
    'arn:aws:dynamodb:us-east-1:000000000000:table/Wanhook-StorageTasks0123ABCD-ABCDEFGHIJ12/stream/2026-11-24T10:00:00.000',
    'table/StorageTasks/stream/*',
  ],
  ['arn:aws:s3:::wanhook-storageimages0123abcd/inputs/*', 'storageimages/inputs/*'],
  [
    'arn:aws:secretsmanager:us-east-1:000000000000:secret:Wanhook-SigningKeysA56F0358-0a1b2c',
    'secret:SigningKeys',
  ],
  ['*', '*'],
])('%s is called %s', (resource, name) => {
  expect(labelOf({ holder: 'SubmitRole0123ABCD', action: 'a:B', resource })).toBe(
    `SubmitRole: a:B on ${name}`,
  );
});
