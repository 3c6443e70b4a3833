/** Rules of cdk-nag (AwsSolutions) that a construct does not follow, each with the reason; test/infra/nag.test.ts allows no other. */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * For the construct and everything in it.
 * @param rule without its pack, like `S1`; with the finding where a rule has several, like `IAM5[Resource::*]`
 */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}
