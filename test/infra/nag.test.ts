/** The stack against cdk-nag's AwsSolutions rules: what it does not follow is argued beside the construct (`acknowledge`). */
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { afterEach, expect, test, vi } from 'vitest';
import { stackOf } from '../support/template.ts';

const everySetting = {
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
