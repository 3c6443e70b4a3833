/** What a policy may hold: whatever is not understood stops the boot, because it could allow or deny anything. */
import { expect, test } from 'vitest';
import { boot, getAtt, lambda, queue, ref, role } from '../stacks.ts';

const allow = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' };
const ofRole = (statement: object) => ({ Resources: { Reader: role('lambda.amazonaws.com', [statement]) } });
const ofQueue = (statement: object) => ({
  Resources: {
    Jobs: queue(),
    Policy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: { Queues: [ref('Jobs')], PolicyDocument: { Statement: statement } },
    },
  },
});

test.each([
  ['NotAction', ofRole({ ...allow, NotAction: 'sqs:*' }), /resource Reader .*NotAction/],
  ['NotResource', ofRole({ ...allow, NotResource: '*' }), /NotResource/],
  ['NotPrincipal', ofQueue({ ...allow, NotPrincipal: '*' }), /resource Policy .*NotPrincipal/],
  [
    'an unknown operator',
    ofRole({ ...allow, Condition: { NumericLessThan: { 's3:max-keys': '1' } } }),
    /does not know the operator NumericLessThan; it knows ArnEquals/,
  ],
  [
    'an unknown key',
    ofRole({ ...allow, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o' } } }),
    /does not know the condition key aws:PrincipalOrgID; it knows aws:PrincipalAccount/,
  ],
  ['a principal in a role’s policy', ofRole({ ...allow, Principal: '*' }), /no Principal/],
  ['no resource in a role’s policy', ofRole({ Effect: 'Allow', Action: '*' }), /must have a Resource/],
  ['no principal in a queue’s policy', ofQueue(allow), /and a Principal/],
])('%s stops the boot', async (_, stack, message) => {
  await expect(boot(stack)).rejects.toThrow(message);
});

test('an unknown managed policy stops the boot', async () => {
  const ManagedPolicyArns = ['arn:aws:iam::aws:policy/PowerUserAccess'];
  const stack = { Resources: { Reader: role('lambda.amazonaws.com', [], { ManagedPolicyArns }) } };

  await expect(boot(stack)).rejects.toThrow(
    /does not know the managed policy arn:aws:iam::aws:policy\/PowerUserAccess; it knows AdministratorAccess/,
  );
});

test('a function’s role must be there, and trust Lambda', async () => {
  const withRole = (Role: unknown, resources = {}) =>
    boot(
      { Resources: { ...resources, Fn: lambda('fn', { Role }) } },
      { code: { fn: 'export const handler = () => 1' } },
    );

  await expect(withRole('arn:aws:iam::000000000000:role/gone')).rejects.toThrow(
    /The role defined for the function cannot be assumed by Lambda: there is no role/,
  );
  await expect(
    withRole(getAtt('Other', 'Arn'), { Other: role('apigateway.amazonaws.com', [allow]) }),
  ).rejects.toThrow(/cannot be assumed by Lambda: .* cannot be assumed by lambda.amazonaws.com/);
});
