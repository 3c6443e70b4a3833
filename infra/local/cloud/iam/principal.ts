/** Who makes a request: a role's session, an IAM user, or an AWS service that acts for one of its resources. */
import type { PrincipalPatterns } from './statement.ts';

export type Principal =
  | {
      readonly kind: 'session';
      /** `arn:aws:sts::<account>:assumed-role/<role>/<session>` */
      readonly arn: string;
      readonly account: string;
      readonly roleArn: string;
    }
  | { readonly kind: 'user'; readonly arn: string; readonly account: string }
  | {
      readonly kind: 'service';
      /** Such as `events.amazonaws.com`. */
      readonly name: string;
      /** The resource for which it acts. */
      readonly sourceArn: string;
      readonly account: string;
    };

/** How an error names it. */
export function nameOf(principal: Principal): string {
  return principal.kind === 'service' ? principal.name : principal.arn;
}

/** What conditions can be asked about whoever makes the request. */
export function contextOf(principal: Principal): Record<string, string> {
  if (principal.kind === 'service') {
    return { 'aws:SourceArn': principal.sourceArn, 'aws:SourceAccount': principal.account };
  }
  const own = principal.kind === 'session' ? principal.roleArn : principal.arn;
  return { 'aws:PrincipalArn': own, 'aws:PrincipalAccount': principal.account };
}

/**
 * Whether a statement on a resource is about this principal. One about the whole account denies to everybody in it, but
 * allows nothing by itself: it leaves that to the account's own policies (IAM user guide, "AWS JSON policy elements: Principal").
 */
export function isAbout(
  { all, aws, services }: PrincipalPatterns,
  principal: Principal,
  effect: 'Allow' | 'Deny',
): boolean {
  if (all) return true;
  if (principal.kind === 'service') return services.includes(principal.name);
  const { arn, account } = principal;
  const names = principal.kind === 'session' ? [arn, principal.roleArn] : [arn];
  if (aws.includes('*') || names.some((name) => aws.includes(name))) return true;
  return effect === 'Deny' && aws.some((name) => name === account || name.endsWith(`::${account}:root`));
}
