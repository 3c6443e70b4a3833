/** The policies of the template: of each role, and on each resource. */
import { managedPolicy } from './managed-policies.ts';
import type { Statement } from './statement.ts';

/** What one action on one resource, allowed by one policy, is called in an audit. */
export interface Grant {
  /** The logical id of the role, or of the resource whose policy it is in. */
  readonly holder: string;
  /** As written, with wildcards. */
  readonly action: string;
  readonly resource: string;
}

/** A statement, and whose it is. */
export interface HeldStatement {
  readonly holder: string;
  readonly statement: Statement;
}

export interface Role {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly trust: readonly Statement[];
  readonly statements: Statement[];
}

export class Policies {
  readonly #roles = new Map<string, Role>();
  readonly #onResources = new Map<string, HeldStatement[]>();
  /** Changes with every policy that is added. */
  version = 0;

  addRole(role: Omit<Role, 'statements'>, managedPolicies: readonly string[]): Role {
    const added = { ...role, statements: managedPolicies.flatMap(managedPolicy) };
    this.#roles.set(role.name, added);
    return added;
  }

  /** Gives a role further permissions. @throws Error when there is no such role */
  addToRole(nameOrArn: string, statements: readonly Statement[]): void {
    this.role(nameOrArn).statements.push(...statements);
    this.version += 1;
  }

  /** Adds a policy to the resource with this ARN; `holder` is the logical id under which it stands in the template. */
  addToResource(arn: string, holder: string, statements: readonly Statement[]): void {
    const held = statements.map((statement) => ({ holder, statement }));
    this.#onResources.set(arn, [...this.onResource(arn), ...held]);
    this.version += 1;
  }

  removeFromResource(arn: string): void {
    this.#onResources.delete(arn);
    this.version += 1;
  }

  /** The role with this name or ARN. @throws Error when there is none. */
  role(nameOrArn: string): Role {
    const role = this.#roles.get(nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1));
    if (role) return role;
    throw new Error(`there is no role ${nameOrArn}`);
  }

  ofRole(arn: string): HeldStatement[] {
    const { logicalId, statements } = this.role(arn);
    return statements.map((statement) => ({ holder: logicalId, statement }));
  }

  onResource(arn: string): readonly HeldStatement[] {
    return this.#onResources.get(arn) ?? [];
  }

  /** Everything that is allowed to anybody, one action on one resource at a time. */
  grants(): Grant[] {
    const ofRoles = [...this.#roles.values()].flatMap(({ arn }) => this.ofRole(arn));
    return [...ofRoles, ...[...this.#onResources.values()].flat()].flatMap(grantsOf);
  }
}

/** What a statement allows. */
export function grantsOf({ holder, statement }: HeldStatement): Grant[] {
  if (statement.Effect === 'Deny') return [];
  return statement.Action.flatMap((action) =>
    statement.Resource.map((resource) => ({ holder, action, resource })),
  );
}
