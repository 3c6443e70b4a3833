/**
 * Whether policies allow a request within one account (IAM user guide, "Policy evaluation logic"):
 *
 *   a Deny that fits, anywhere ──► refused
 *   an Allow that fits, of the principal or on the resource ──► allowed
 *   otherwise ──► refused
 */
import { holds } from './conditions.ts';
import { actionFits, arnFits } from './patterns.ts';
import { type Grant, grantsOf, type HeldStatement } from './policies.ts';
import { contextOf, isAbout, type Principal } from './principal.ts';

/** What a request needs to be allowed. */
export interface Need {
  /** Such as `sqs:SendMessage`. */
  readonly action: string;
  /** An ARN, or `*` for what has no resource. */
  readonly resource: string;
  /** The ARN of the resource whose policy counts, when it is another one: the bucket of an object. */
  readonly policyOf?: string;
  /** Further values that conditions can be asked about, by key. */
  readonly context?: Readonly<Record<string, string>>;
}

export type Decision =
  | {
      readonly allowed: true;
      /** Every grant that allows it; each would do alone. */
      readonly by: readonly Grant[];
    }
  /** How AWS ends its message. */
  | { readonly allowed: false; readonly because: string };

export interface Statements {
  readonly ofPrincipal: readonly HeldStatement[];
  readonly onResource: readonly HeldStatement[];
}

/** Decides on a request; grants of which `isWithout` is true count as not given. */
export function evaluate(
  principal: Principal,
  need: Need,
  { ofPrincipal, onResource }: Statements,
  isWithout: (grant: Grant) => boolean = () => false,
): Decision {
  const context = new Map(
    Object.entries({
      // The services listen on this machine only, without TLS; what is deployed is reached with it.
      'aws:SecureTransport': 'true',
      ...contextOf(principal),
      ...need.context,
    }).map(([key, value]) => [key.toLowerCase(), value]),
  );
  const fitting = (all: readonly HeldStatement[], effect: 'Allow' | 'Deny') =>
    all.filter(
      ({ statement }) =>
        statement.Effect === effect &&
        (!statement.Principal || isAbout(statement.Principal, principal, effect)) &&
        statement.Action.some((pattern) => actionFits(pattern, need.action)) &&
        statement.Resource.some((pattern) => arnFits(pattern, need.resource)) &&
        statement.Condition.every((condition) => holds(condition, context)),
    );
  if (fitting(onResource, 'Deny').length > 0) {
    return { allowed: false, because: 'with an explicit deny in a resource-based policy' };
  }
  if (fitting(ofPrincipal, 'Deny').length > 0) {
    return { allowed: false, because: 'with an explicit deny in an identity-based policy' };
  }
  const by = [...fitting(ofPrincipal, 'Allow'), ...fitting(onResource, 'Allow')]
    .flatMap(grantsOf)
    .filter(({ action, resource }) => actionFits(action, need.action) && arnFits(resource, need.resource))
    .filter((grant) => !isWithout(grant));
  if (by.length > 0) return { allowed: true, by };
  const kind = principal.kind === 'service' ? 'resource-based' : 'identity-based';
  return { allowed: false, because: `because no ${kind} policy allows the ${need.action} action` };
}
