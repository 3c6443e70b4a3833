/** Every example on our pages is one: JSON holds the component that it names, and curl sends what the document allows. */
import { describe, expect, test } from 'vitest';
import { readRequest } from '../../../shared/models/read-request.ts';
import { documentText, faultOf, openApi, operationFor } from '../../support/contract.ts';
import { readCurl } from '../../support/curl.ts';
import { curlCommands, examplesIn, isRefused } from '../../support/examples.ts';

const asyncApi = JSON.parse(documentText('docs/asyncapi.json'));
const json = examplesIn('json');
const commands = curlCommands();
const variables = { API: 'https://api.example.com', KEY: 'whk_key', TASK: 'task_01KE00000000000000000000AA' };

test('there is something to look at', () => {
  expect(json.length).toBeGreaterThan(8);
  expect(commands.length).toBeGreaterThan(8);
});

/** Which list it is. */
const listOf = ([first]: readonly { readonly object?: string }[]) =>
  first?.object === 'webhook.delivery' ? 'DeliveryList' : 'TaskList';

describe('JSON', () => {
  test.each(json.filter(({ name }) => name !== ''))('$page: $name $text', ({ name, text }) => {
    const value = JSON.parse(text);
    const of = name in asyncApi.components.messages ? asyncApi : openApi;

    expect(faultOf({ $ref: `#/components/schemas/${name}` }, value, { closed: true, of })).toBeUndefined();
    if (name === 'GenerationRequest') expect(readRequest(value).kind).toBe('request');
  });

  /** An answer that is cut short with an ellipsis is for people; one that is whole is one of ours, or none of the API's. */
  test.each(json.filter(({ name, text }) => name === '' && !text.includes('…')))(
    '$page: $text',
    ({ text }) => {
      const value = JSON.parse(text);
      const name = value.error ? 'Error' : value.object === 'list' ? listOf(value.data) : undefined;

      expect(value).not.toHaveProperty('model');
      expect(value).not.toHaveProperty('detail-type');
      if (name)
        expect(faultOf({ $ref: `#/components/schemas/${name}` }, value, { closed: true })).toBeUndefined();
    },
  );
});

describe('curl', () => {
  test.each(commands)('$page: $text', (example) => {
    const { method, path, headers, body } = readCurl(example.text, variables);
    const { pathname, searchParams } = new URL(path, variables.API);
    const operation = operationFor(method, pathname);
    const parameters = operation?.parameters ?? [];

    expect(operation, `${method} ${pathname}`).toBeDefined();
    const named = new Set(parameters.map((one) => (one.in === 'path' ? '' : one.name.toLowerCase())));
    const sent = [
      ...Object.keys(headers),
      ...[...searchParams.keys()].map((name) => name.replace(/\[.*/, '')),
    ];
    const unnamed = sent.map((name) => name.toLowerCase()).filter((name) => !named.has(name));
    expect(unnamed.filter((name) => !['authorization', 'content-type'].includes(name))).toEqual([]);
    for (const { name, schema } of parameters.filter((one) => searchParams.has(one.name))) {
      const value = searchParams.get(name)!;
      expect(faultOf(schema, schema.type === 'integer' ? Number(value) : value)).toBeUndefined();
    }
    const bodySchema = operation?.requestBody?.content['application/json'].schema;
    expect(body === undefined).toBe(bodySchema === undefined);
    if (bodySchema) expect(faultOf(bodySchema, JSON.parse(body!)) !== undefined).toBe(isRefused(example));
  });
});

describe('an example that is none is found', () => {
  test.each([
    ['curl -s "$API/v1/tasks" --compressed', 'not known here'],
    ['curl -s "$HOST/v1/tasks"', 'no variable'],
    ['wget "$API/v1/tasks"', 'not a curl command'],
  ])('%s', (command, why) => {
    expect(() => readCurl(command, variables)).toThrow(why);
  });

  test.each([
    ['GET', '/v1/task'],
    ['POST', '/v1/tasks'],
    ['GET', '/v1/tasks/a/b'],
  ])('%s %s', (method, path) => {
    expect(operationFor(method, path)).toBeUndefined();
  });
});
