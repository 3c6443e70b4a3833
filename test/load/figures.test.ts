/** What `npm run load` makes of what it saw, and what it takes for an order. */
import { describe, expect, test } from 'vitest';
import { outcomeEvents } from './kill/report.ts';
import { readOptions } from './options.ts';
import { percentilesOf } from './percentiles.ts';

describe('percentiles', () => {
  test('are values that occurred', () => {
    const values = Array.from({ length: 200 }, (_, nth) => 200 - nth);

    expect(percentilesOf(values)).toEqual({ p50: 100, p95: 190, p99: 198, most: 200 });
  });

  test('of one value are that value, of none 0', () => {
    expect(percentilesOf([7])).toEqual({ p50: 7, p95: 7, p99: 7, most: 7 });
    expect(percentilesOf([])).toEqual({ p50: 0, p95: 0, p99: 0, most: 0 });
  });
});

describe('options', () => {
  test('have defaults', () => {
    expect(readOptions([])).toEqual({
      tasks: 1000,
      rate: 20,
      images: 1,
      held: false,
      duplicates: 0,
      json: false,
    });
  });

  test.each([
    [['--tasks', '0'], '--tasks'],
    [['--images', '5'], '--images'],
    [['--rate', 'fast'], '--rate'],
    [['--duplicates', '3'], 'needs --held'],
    [['--speed', '3'], '--speed'],
  ])('%j is refused by name, with what is allowed', (args, words) => {
    expect(() => readOptions(args)).toThrow(words);
    expect(() => readOptions(args)).toThrow('Usage: npm run load');
  });
});

test('a torn line hides no other event', () => {
  const event = (id: string, type: string) =>
    JSON.stringify({ source: 'wanhook', 'detail-type': type, detail: { id, task: { id: 'task_1' } } });
  const lines = [
    event('task_1:created', 'Image Task Created'),
    event('task_1:completed', 'Image Task Completed').slice(0, 40),
    event('task_1:completed', 'Image Task Completed'),
  ].join('\n');

  expect(outcomeEvents(lines)).toEqual(new Map([['task_1', ['task_1:completed']]]));
});
