/** The template, so that a change of infrastructure shows in review: `npx vitest run --project unit test/infra/template.test.ts -u`. */
import { expect, test } from 'vitest';
import { readableTemplate } from '../support/readable-template.ts';
import { templateOf } from '../support/template.ts';

test('the template is the one that was reviewed', async () => {
  await expect(readableTemplate(templateOf())).toMatchFileSnapshot('template.snapshot.txt');
});

test('a change of a property shows, one of a hash or a bundle does not', () => {
  const stack = (hash: string, Timeout: number, Code: object) => ({
    Resources: {
      [`Submit${hash}`]: { Type: 'AWS::Lambda::Function', Properties: { Timeout, Code } },
      Alias: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: `Submit${hash}` } } },
    },
    Outputs: { Arn: { Value: { 'Fn::Join': [':', ['a', { 'Fn::GetAtt': [`Submit${hash}`, 'Arn'] }]] } } },
  });
  const text = readableTemplate(stack('0123ABCD', 3, { S3Key: 'a' }));

  expect(text).toBe(
    [
      'Alias (AWS::Lambda::Alias):',
      '  FunctionName: "<Submit>"',
      'Submit (AWS::Lambda::Function):',
      '  Timeout: 3',
      'Outputs:',
      '  Arn: "a:<Submit.Arn>"',
      '',
    ].join('\n'),
  );
  expect(readableTemplate(stack('4567CDEF', 3, { S3Key: 'b' }))).toBe(text);
  expect(readableTemplate(stack('0123ABCD', 4, { S3Key: 'a' }))).not.toBe(text);
});
