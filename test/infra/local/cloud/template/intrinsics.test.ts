import { expect, test } from 'vitest';
import { NO_VALUE, resolve, type Scope } from '../../../../../infra/local/cloud/template/intrinsics.ts';

const scope: Scope = {
  ref: (name) => ({ 'AWS::NoValue': NO_VALUE, Region: 'us-east-1', List: ['a', 'b'] })[name],
  attribute: (id, attribute) => `${id}/${attribute}`,
  condition: (name) => name === 'Yes',
  mapping: (...names) => names.join('-'),
};

test.each([
  [{ Ref: 'Region' }, 'us-east-1'],
  [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue/Arn'],
  [{ 'Fn::GetAtt': 'Table.StreamArn' }, 'Table/StreamArn'],
  [{ 'Fn::Join': ['-', ['x', { Ref: 'Region' }, 3]] }, 'x-us-east-1-3'],
  [{ 'Fn::Join': ['', { Ref: 'List' }] }, 'ab'],
  [{ 'Fn::Split': [',', 'a,b'] }, ['a', 'b']],
  [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b'] }] }, 'b'],
  [{ 'Fn::Select': ['0', ['only']] }, 'only'],
  [
    { 'Fn::Sub': 'in $' + '{Region} at $' + '{Api.Url}, not $' + '{!Region}' },
    'in us-east-1 at Api/Url, not $' + '{Region}',
  ],
  [{ 'Fn::Sub': ['$' + '{own}!', { own: { Ref: 'Region' } }] }, 'us-east-1!'],
  [{ 'Fn::If': ['Yes', 1, 2] }, 1],
  [{ 'Fn::If': ['No', 1, { Ref: 'Region' }] }, 'us-east-1'],
  [{ 'Fn::Equals': ['a', 'a'] }, true],
  [{ 'Fn::Not': [{ 'Fn::Equals': ['a', 'b'] }] }, true],
  [{ 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] }, false],
  [{ 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] }, true],
  [{ 'Fn::FindInMap': ['Map', { Ref: 'Region' }, 'b'] }, 'Map-us-east-1-b'],
])('%j is %j', (value, expected) => {
  expect(resolve(value, scope, 'here')).toEqual(expected);
});

test('a value of AWS::NoValue leaves out what holds it', () => {
  const value = {
    kept: 1,
    gone: { Ref: 'AWS::NoValue' },
    list: ['a', { 'Fn::If': ['No', 'b', { Ref: 'AWS::NoValue' }] }],
  };

  expect(resolve(value, scope, 'here')).toEqual({ kept: 1, list: ['a'] });
});

test('the Condition of a policy statement is no intrinsic', () => {
  const statement = { Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

  expect(resolve(statement, scope, 'here')).toEqual(statement);
});

test('an unknown intrinsic is an error that names it and where it stands', () => {
  const value = { Environment: { Variables: { A: { 'Fn::Base64': 'x' } } } };

  expect(() => resolve(value, scope, 'resource F (T): Properties')).toThrow(
    /resource F \(T\): Properties\.Environment\.Variables\.A: the local cloud does not know Fn::Base64/,
  );
});
