/** The stack against cdk-nag's AwsSolutions rules: what it does not follow is argued beside the construct (`acknowledge`). */
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { afterEach, expect, test, vi } from 'vitest';
import { stackOf } from '../support/template.ts';

const domain = {
  name: 'images.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0f3a',
};

const everySetting = {
  domain,
  webAclArn: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/front/0f3a',
  corsOrigins: ['https://app.example.com'],
  reservedConcurrency: { submit: 100 },
  tracing: true,
  eventArchiveDays: 30,
  consumerAccounts: ['123456789012'],
  alarmEmails: ['operators@example.com'],
};

afterEach(() => {
  vi.restoreAllMocks();
});

/** `rule path` for each. */
const findingsIn = (stack: IConstruct): string[] =>
  new AwsSolutionsChecks()
    .validateScope(stack)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => `${ruleName} ${constructPath}`),
    );

test.each([
  ['as it is by default', {}],
  ['with every setting that adds something', everySetting],
  ['without the page', { page: false }],
  ['with a domain of the API', { domain }],
])('nothing is found %s', (_, settings) => {
  expect(findingsIn(stackOf(settings))).toEqual([]);
});

test('every reason is needed: without it something is found at its construct', () => {
  const reasons: string[] = [];
  vi.spyOn(Validations, 'of').mockImplementation((scope) => {
    const acknowledge = ({ id }: { id: string }) => reasons.push(`${id} ${scope.node.path}`);
    return { acknowledge } as unknown as Validations;
  });

  const found = findingsIn(stackOf(everySetting));

  expect(found.length).toBeGreaterThan(20);
  expect(reasons.filter((reason) => !found.some((finding) => finding.startsWith(reason)))).toEqual([]);
});
