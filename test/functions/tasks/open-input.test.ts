/** Opening the link to an input image: only with its signature, and for as long as its task can be asked for. */
import { NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { openInput } from '../../../functions/tasks/open-input.ts';
import { inputLink } from '../../../shared/images/links.ts';
import { signerWith } from '../../support/signers.ts';

const created = Date.parse('2026-01-02T03:04:05Z');
const HOUR = 3_600_000;
const taskId = 'task_01JGJ0000000000000000000AA';
const bytes = Buffer.from('the image');

const partsOf = (link: string) => {
  const [signature = '', index = '', id = ''] = link.split('/').reverse();
  return { taskId: id, index, signature };
};
const link = partsOf(
  inputLink(
    signerWith('secret', () => created),
    'https://a.example',
    taskId,
    1,
    created,
  ),
);

/** A bucket with one object. */
function bucket() {
  const asked: string[] = [];
  const send = async ({ input }: { input: { Key: string } }) => {
    asked.push(input.Key);
    if (input.Key !== `inputs/${taskId}/1`) throw new NoSuchKey({ message: 'none', $metadata: {} });
    const Body = { transformToString: async (encoding: BufferEncoding) => bytes.toString(encoding) };
    return { Body, ContentType: 'image/png' };
  };
  return { asked, store: { s3: { send } as unknown as S3Client, bucket: 'images' } };
}

const open = (given: Partial<typeof link> = {}, hours = 0, { store } = bucket()) =>
  openInput(
    store,
    signerWith('secret', () => created + hours * HOUR),
    { ...link, ...given },
  );

test.each([0, 23.9, 24.9])('the bytes are the answer, %d hours after the create too', async (hours) => {
  const image = { kind: 'input', base64: bytes.toString('base64'), contentType: 'image/png' };

  expect(await open({}, hours)).toEqual(image);
});

test.each<[string, Partial<typeof link>, number]>([
  ['a changed signature', { signature: `${link.signature}x` }, 0],
  ['another index', { index: '0' }, 0],
  ['another task', { taskId: 'task_01JGJ0000000000000000000AB' }, 0],
  ['a day and an hour later', {}, 25.1],
])('%s: forbidden, and the bucket is not asked', async (_, given, hours) => {
  const watched = bucket();

  expect(await open(given, hours, watched)).toEqual({ kind: 'forbidden' });

  expect(watched.asked).toEqual([]);
});

test('the link of a result opens no input, and that of an input no result', () => {
  const signer = signerWith('secret', () => created);
  const expires = created / 1000 + 60;

  expect(signer.verifyInputLink(taskId, '1', signer.imageLink(taskId, 1, expires))).toBe(false);
  expect(signer.verifyImageLink(taskId, '1', signer.inputLink(taskId, 1, expires))).toBe(false);
  expect(signer.verifyInputLink(taskId, '1', signer.inputLink(taskId, 1, expires))).toBe(true);
});

test('one that is kept no longer is unknown', async () => {
  const signer = signerWith('secret', () => created);
  const other = partsOf(inputLink(signer, 'https://a.example', taskId, 2, created));

  expect(await open(other)).toEqual({ kind: 'unknown' });
});
