/** A page ends where the next task would not fit, counted as the answer is sent; nothing is left out between pages. */
import { describe, expect, test } from 'vitest';
import { fitPage } from '../../../functions/tasks/fit-page.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { taskRecord } from '../../support/records.ts';

const records = ['a', 'b', 'c'].map((prompt) => taskRecord({ prompt }));
const [first, second] = records;
const show = ({ prompt }: TaskRecord) => prompt.repeat(100);
/** 100 letters, quoted twice of which the inner quotes are escaped, and a comma. */
const SHOWN = 100 + 2 + 4 + 1;

describe('a page', () => {
  test.each<[string, number, number, string | undefined]>([
    ['that fits is whole', 3 * SHOWN, 3, 'place'],
    ['with a byte too many ends before its last task', 3 * SHOWN - 1, 2, second?.created_id],
    ['with room for one task ends after it', 2 * SHOWN - 1, 1, first?.created_id],
    ['without room for any shows one all the same', 1, 1, first?.created_id],
  ])('%s', (_, bytes, count, next) => {
    const page = fitPage({ records, next: 'place' }, show, bytes);
    expect(page).toEqual({ data: records.slice(0, count).map(show), next });
  });

  test('of few tasks is the last one where it was', () => {
    expect(fitPage({ records }, show).next).toBeUndefined();
  });

  test('counts what JSON escapes, as it is sent', () => {
    const quotes = () => '"'.repeat(100);
    const sent =
      JSON.stringify({ body: JSON.stringify(quotes()) }).length - JSON.stringify({ body: '' }).length;

    expect(fitPage({ records }, quotes, 3 * (sent + 3)).data).toHaveLength(3);
    expect(fitPage({ records }, quotes, 3 * sent - 1).data).toHaveLength(2);
  });

  test('of nothing is empty', () => {
    expect(fitPage({ records: [] }, show)).toEqual({ data: [], next: undefined });
  });
});
