/** The policies of the template, kept as they are written: who may do what to which resource. */
import * as z from 'zod';

/** A policy document; its statements are kept as resolved JSON. */
export const policyDocument = z.strictObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z.union([
    z.array(z.record(z.string(), z.unknown())),
    z.record(z.string(), z.unknown()).transform((one) => [one]),
  ]),
});

export type PolicyDocument = z.output<typeof policyDocument>;

export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly trust: PolicyDocument;
  readonly managedPolicies: readonly string[];
  readonly policies: PolicyDocument[];
}

/** A policy that hangs on a resource: a queue's, a bucket's, a function's permission. */
export interface ResourcePolicy {
  /** The resource's ARN, URL or name, as the template gives it. */
  readonly resource: string;
  readonly document: PolicyDocument;
}

export class Policies {
  readonly #roles = new Map<string, Role>();
  readonly onResources: ResourcePolicy[] = [];

  addRole(role: Role): void {
    this.#roles.set(role.name, role);
  }

  /** The role with this name or ARN. @throws Error when there is none. */
  role(nameOrArn: string): Role {
    const role = this.#roles.get(nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1));
    if (role) return role;
    throw new Error(`there is no role ${nameOrArn}`);
  }

  roles(): Role[] {
    return [...this.#roles.values()];
  }
}
