import { expect, test } from 'vitest';
import {
  compileInput,
  InputError,
  type InputProperties,
} from '../../../../../infra/local/cloud/eventbridge/target-input.ts';

const event = {
  id: 'e1',
  resources: ['arn:one', 'arn:two'],
  detail: { 'order-id': 'o"1"', lines: [{ n: 7 }], gone: null, nested: { deep: true } },
};

const transformer = (InputTemplate: string, InputPathsMap?: Record<string, string>): InputProperties => ({
  InputTransformer: { InputTemplate, InputPathsMap },
});
const PATHS = {
  order: '$.detail.order-id',
  n: '$.detail.lines[0].n',
  gone: '$.detail.gone',
  nested: '$.detail.nested',
  none: '$.detail.missing',
};

test.each<[string, InputProperties, unknown]>([
  ['nothing: the whole event', {}, event],
  ['a constant', { Input: '{"fixed":[1]}' }, { fixed: [1] }],
  ['a part', { InputPath: '$.detail.lines' }, [{ n: 7 }]],
  ['a string in it', { InputPath: '$.resources[1]' }, 'arn:two'],
  ['null in it', { InputPath: '$.detail.gone' }, null],
  ['the root', { InputPath: '$' }, event],
  [
    'a template with values',
    transformer('{"id": <order>, "n": <n>, "gone": <gone>, "all": <nested>}', PATHS),
    { id: 'o"1"', n: 7, gone: null, all: { deep: true } },
  ],
  ['a template with values in strings', transformer('{"a": "<order> \\"<n>\\""}', PATHS), { a: 'o"1" "7"' }],
  ['a template that is a string', transformer('"<order> has <n>"', PATHS), 'o"1" has 7'],
  ['a variable that the event lacks, in a string', transformer('{"a": "<none>."}', PATHS), { a: '.' }],
  ['a template without variables', transformer('{"a": 1}'), { a: 1 }],
])('%s', (_, properties, expected) => {
  const input = compileInput(properties);

  expect(JSON.parse(input(event))).toEqual(expected);
});

test.each<[string, InputProperties]>([
  ['a path that the event lacks', { InputPath: '$.detail.missing' }],
  ['an index beyond the end', { InputPath: '$.resources[2]' }],
  ['a member of a string', { InputPath: '$.id.length' }],
  ['a variable that the event lacks, as a value', transformer('{"a": <none>}', PATHS)],
  ['an object within a string', transformer('{"a": "<nested>"}', PATHS)],
])('%s: the event is not delivered', (_, properties) => {
  const input = compileInput(properties);

  expect(() => input(event)).toThrow(InputError);
});

test.each<[string, InputProperties, string]>([
  ['two kinds at once', { Input: '1', InputPath: '$' }, 'only one of'],
  ['an Input that is not JSON', { Input: '{' }, 'Input must be JSON'],
  ['a wildcard', { InputPath: '$.detail.*' }, 'does not know the JSON path $.detail.*'],
  ['a path without its root', { InputPath: 'detail' }, 'does not know the JSON path detail'],
  ['an unknown variable', transformer('{"a": <b>}', {}), 'the variable b,'],
  ['one of AWS’s own', transformer('{"a": <aws.events.event.json>}'), 'the variable aws.events.event.json,'],
  ['a template that is not JSON', transformer('<order> is here', PATHS), 'knows only an InputTemplate that'],
])('%s stops the boot', (_, properties, message) => {
  expect(() => compileInput(properties)).toThrow(message);
});
