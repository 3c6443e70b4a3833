/** What `npm run crashes` walks, and what it makes of what it saw. */
import { describe, expect, test } from 'vitest';
import type { LocalCloud, RequestHook } from '../../infra/local/cloud/index.ts';
import { readOptions } from './options.ts';
import { type Point, Watch, type When } from './points.ts';
import { figuresOf } from './report.ts';

/** Only what a watch asks of a cloud; the functions' names are their logical ids with a prefix. */
function watched(target?: Point & { readonly when: When }) {
  const killed: string[] = [];
  let hook: RequestHook = () => undefined;
  const cloud = {
    function: (part: string) => ({ name: `fn-${part}`, kill: () => killed.push(part) }),
    onRequest: (given: RequestHook) => {
      hook = given;
      return () => undefined;
    },
  };
  const watch = new Watch(cloud as unknown as LocalCloud, target);
  killed.length = 0;
  const ask = (fn: string, operation: string) =>
    hook({ caller: `fn-${fn}`, service: 'DynamoDB', operation, body: '' });
  return { watch, ask, killed };
}

describe('a watch', () => {
  test('counts each function’s requests of a kind, and nobody else’s', () => {
    const { watch, ask } = watched();

    ask('Submit', 'GetItem');
    ask('Check', 'GetItem');
    ask('Tasks', 'GetItem');
    ask('Submit', 'GetItem');

    expect(watch.seen).toEqual([
      { fn: 'Submit', operation: 'DynamoDB.GetItem', nth: 1 },
      { fn: 'Check', operation: 'DynamoDB.GetItem', nth: 1 },
      { fn: 'Submit', operation: 'DynamoDB.GetItem', nth: 2 },
    ]);
  });

  test('kills before the second of its kind, once, and lets the repetition through', () => {
    const { watch, ask, killed } = watched({
      fn: 'Submit',
      operation: 'DynamoDB.GetItem',
      nth: 2,
      when: 'before',
    });

    const answers = [
      ask('Submit', 'GetItem'),
      ask('Check', 'GetItem'),
      ask('Submit', 'GetItem'),
      ask('Submit', 'GetItem'),
    ];

    expect(answers).toEqual([undefined, undefined, { drop: 'before' }, undefined]);
    expect(killed).toEqual(['Submit']);
    expect(watch.hasDied).toBe(true);
  });

  test('executes the request, loses its answer, and kills at the next one of that function', () => {
    const { watch, ask, killed } = watched({
      fn: 'Submit',
      operation: 'DynamoDB.PutItem',
      nth: 1,
      when: 'after',
    });

    const lost = ask('Submit', 'PutItem');
    const other = ask('Publish', 'PutItem');
    const diedTooEarly = watch.hasDied;
    const next = ask('Submit', 'PutItem');

    expect([lost, other, next]).toEqual([{ drop: 'after' }, undefined, { drop: 'before' }]);
    expect(diedTooEarly).toBe(false);
    expect(killed).toEqual(['Submit']);
  });

  test('kills at once where the server itself cuts the connection', () => {
    const { watch, killed } = watched({ fn: 'Submit', operation: 'HTTP.POST', nth: 1, when: 'after' });

    expect(watch.outside('Submit', 'HTTP.POST')).toBe('after');
    expect(killed).toEqual(['Submit']);
  });
});

test('a point where nothing died is neither passed nor failed', () => {
  const point = {
    fn: 'Submit',
    operation: 'DynamoDB.PutItem',
    nth: 1,
    kind: 'vtrix',
    when: 'before',
  } as const;

  const figures = figuresOf([
    { ...point, hasDied: true, isGivenUp: false, problems: [] },
    { ...point, hasDied: true, isGivenUp: true, problems: [] },
    { ...point, hasDied: false, isGivenUp: false, problems: [] },
    { ...point, hasDied: true, isGivenUp: false, problems: ['it was created 2 times'] },
  ]);

  expect(figures).toEqual([{ fn: 'Submit', walked: 3, passed: 2, failed: 1, notReached: 1, givenUp: 1 }]);
});

test.each([
  [['--only', 'tasks'], '--only tasks'],
  [['--kind', 'video'], '--kind video'],
  [['--speed', '3'], '--speed'],
])('%j is refused by name, with what is allowed', (args, words) => {
  expect(() => readOptions(args)).toThrow(words);
  expect(() => readOptions(args)).toThrow('Usage: npm run crashes');
});
