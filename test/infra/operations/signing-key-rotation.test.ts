/** The rotation of the signing keys: who signs, who is accepted, and when the oldest may be dropped. */
import { expect, test } from 'vitest';
import { droppableFrom, rotate } from '../../../infra/operations/signing-key-rotation.ts';
import { signer } from '../../../shared/security/signer.ts';

const NOW = 1_767_323_045;
const taskId = 'task_01JGJ0000000000000000000AA';
const first = { id: '1', secret: 'first', signsFrom: 0 };
const signedAt = (keys: Parameters<typeof signer>[0], seconds: number) =>
  signer(keys, () => seconds * 1000).callback(taskId);

test('the new key signs when every function has read the secret again, the present one until then', () => {
  const keys = rotate([first], 'second', NOW);

  expect(keys.map(({ id, secret }) => [id, secret])).toEqual([
    ['2', 'second'],
    ['1', 'first'],
  ]);
  expect(signedAt(keys, NOW + 599)).toMatch(/^1-/);
  expect(signedAt(keys, NOW + 600)).toMatch(/^2-/);
});

test('a function that still remembers the secret of five minutes ago accepts what the others sign', () => {
  const keys = rotate([first], 'second', NOW);
  const late = signer([first], () => (NOW + 300) * 1000);

  expect(late.verifyCallback(taskId, signedAt(keys, NOW + 300))).toBe(true);
});

test('a second rotation drops the first key', () => {
  const keys = rotate(rotate([first], 'second', NOW), 'third', NOW + 86_400);
  expect(keys.map(({ id }) => id)).toEqual(['3', '2']);
});

test('two rotations at once leave a key that signs: the one that both keep', () => {
  const keys = rotate(rotate([first], 'second', NOW), 'third', NOW);
  expect(signedAt(keys, NOW)).toMatch(/^2-/);
});

test('a key may be dropped when nothing that it signed can come in any more', () => {
  expect(droppableFrom([first])).toBeUndefined();
  expect(droppableFrom(rotate([first], 'second', NOW))).toBe(NOW + 600 + 5 * 86_400);
});
