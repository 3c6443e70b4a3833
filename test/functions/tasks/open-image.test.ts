/** Reading: a task only for its owner, an image for whoever holds a good link to it. */
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../functions/tasks/open-image.ts';
import { imageLinks } from '../../../shared/images/links.ts';
import { ownTask } from '../../../shared/task/own-task.ts';
import { keptImage, taskRecord } from '../../support/records.ts';
import { signerWith } from '../../support/signers.ts';

const now = Date.parse('2026-01-02T03:04:05Z');
const signer = signerWith('secret', () => now);
const record = taskRecord({ images: [keptImage(0), keptImage(2)], lost: [{ index: 1, reason: 'gone' }] });
const linkTo = (index: number, taskId = record.id) => {
  const links = imageLinks(signer, { publicUrl: 'https://api.example.com', days: 7 }, now);
  const [signature = '', at = '', id = ''] = links(taskId, index).split('/').reverse();
  return { taskId: id, index: at, signature };
};
const asked: string[] = [];
const get = async (id: string) => {
  asked.push(id);
  return id === record.id ? record : undefined;
};

describe('a link', () => {
  test.each([0, 2])('opens its image %i, counted as the provider did', async (index) => {
    expect(await openImage(get, signer, linkTo(index))).toEqual({
      kind: 'image',
      image: keptImage(index),
    });
  });

  test.each([
    ['of another image', { ...linkTo(0), index: '2' }],
    ['of another task', { ...linkTo(0, taskRecord().id), taskId: record.id }],
    ['that is made up', { ...linkTo(0), signature: 'abc-def' }],
    ['without a signature', { ...linkTo(0), signature: '' }],
  ])('%s is forbidden', async (_, link) => {
    expect(await openImage(get, signer, link)).toEqual({ kind: 'forbidden' });
  });

  // Before, a forged link said by its answer whether a task exists, and cost a read of the table.
  test.each([record.id, taskRecord().id, 'task_x'])(
    'that is forged is forbidden before any table is asked: to %s',
    async (taskId) => {
      asked.splice(0);

      expect(await openImage(get, signer, { ...linkTo(0), taskId, signature: 'abc-def' })).toEqual({
        kind: 'forbidden',
      });

      expect(asked).toEqual([]);
    },
  );

  test('that has expired is forbidden', async () => {
    const later = signerWith('secret', () => now + 9 * 86_400_000);

    expect(await openImage(get, later, linkTo(0))).toEqual({ kind: 'forbidden' });
  });

  test.each([
    ['a lost image', linkTo(1)],
    ['an image that never was', linkTo(7)],
    ['a task that we do not have', linkTo(0, taskRecord().id)],
  ])('to %s leads nowhere', async (_, link) => {
    expect(await openImage(get, signer, link)).toEqual({ kind: 'unknown' });
  });

  test('to what is no task id asks no table', async () => {
    asked.splice(0);
    expect(await openImage(get, signer, linkTo(0, 'task_x'))).toEqual({ kind: 'unknown' });
    expect(asked).toEqual([]);
  });
});

describe('a task', () => {
  test('is shown to its owner', async () => {
    expect(await ownTask(get, 'acme', record.id)).toBe(record);
  });

  test.each([
    ['to another owner', 'globex', record.id],
    ['under an unknown id', 'acme', taskRecord().id],
    ['under what is no id', 'acme', `${record.id}/..`],
  ])('is not there %s', async (_, owner, id) => {
    expect(await ownTask(get, owner, id)).toBeUndefined();
  });
});
