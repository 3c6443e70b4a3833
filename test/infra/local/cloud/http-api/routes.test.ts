import { expect, test } from 'vitest';
import { matchRoute, parseRouteKey } from '../../../../../infra/local/cloud/http-api/routes.ts';

const KEYS = [
  'GET /v1/tasks',
  'GET /v1/tasks/{id}',
  'GET /v1/tasks/new',
  'ANY /v1/tasks/{id}',
  'ANY /files/{rest+}',
  'POST /files/up',
];
const routes = KEYS.map((key) => ({ pattern: parseRouteKey(key) }));

test.each<[string, string, string | undefined, object?]>([
  ['GET', '/v1/tasks', 'GET /v1/tasks'],
  ['POST', '/v1/tasks', undefined],
  ['GET', '/v1/tasks/7', 'GET /v1/tasks/{id}', { id: '7' }],
  ['PUT', '/v1/tasks/7', 'ANY /v1/tasks/{id}', { id: '7' }],
  ['GET', '/v1/tasks/new', 'GET /v1/tasks/new'],
  ['GET', '/v1/tasks/', undefined],
  ['GET', '/v1/tasks/7/more', undefined],
  ['GET', '/v1', undefined],
  ['GET', '/files/a/b/c', 'ANY /files/{rest+}', { rest: 'a/b/c' }],
  ['GET', '/files/', undefined],
  ['POST', '/files/up', 'POST /files/up'],
  ['GET', '/files/up', 'ANY /files/{rest+}', { rest: 'up' }],
])('%s %s takes %s', (method, path, key, parameters = {}) => {
  const match = matchRoute(routes, method, path.slice(1).split('/'));

  expect(match?.route.pattern.key).toBe(key);
  if (key) expect(match?.parameters).toEqual(parameters);
});

test('$default takes what nothing else takes', () => {
  const all = [...routes, { pattern: parseRouteKey('$default') }];

  expect(matchRoute(all, 'GET', ['v1', 'tasks'])?.route.pattern.key).toBe('GET /v1/tasks');
  expect(matchRoute(all, 'GET', ['elsewhere'])?.route.pattern.key).toBe('$default');
});

test.each(['get /x', '/x', 'GET x', ''])('%j is no route key', (key) => {
  expect(() => parseRouteKey(key)).toThrow(/route key/);
});
