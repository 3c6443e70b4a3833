/** Decides on every request to a local service, and remembers which grants the requests needed. */
import { AccessDenied } from './access-denied.ts';
import { type Decision, evaluate, type Need } from './evaluate.ts';
import { managedPolicy } from './managed-policies.ts';
import type { Grant, HeldStatement, Policies } from './policies.ts';
import { nameOf, type Principal } from './principal.ts';

/** A request that was allowed by nothing but one grant: without it, it is refused. */
export type GrantListener = (grant: Grant) => void;

export interface Refusal {
  /** The role's session, the user or the service. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
}

/** Objects have resources of their own, without end. */
const MOST_REMEMBERED = 10_000;

const ADMINISTRATOR = managedPolicy('arn:aws:iam::aws:policy/AdministratorAccess').map((statement) => ({
  holder: 'AdministratorAccess',
  statement,
}));

export class AccessControl {
  readonly #policies: Policies;
  readonly #isWithout: (grant: Grant) => boolean;
  readonly #listeners = new Set<GrantListener>();
  readonly #decisions = new Map<string, Decision>();
  readonly #needed = new Map<string, Grant>();
  #version = -1;
  readonly refusals: Refusal[] = [];

  /** @param isWithout tells which grants of the template count as not given */
  constructor(policies: Policies, isWithout: (grant: Grant) => boolean = () => false) {
    this.#policies = policies;
    this.#isWithout = isWithout;
  }

  /** The grants without which a request would have been refused so far. */
  needed(): Grant[] {
    return [...this.#needed.values()];
  }

  /** Calls `listener` for every request that only one grant allows; answers the function that stops it. */
  onNeeded(listener: GrantListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws AccessDenied when the policies do not allow one of these */
  authorize(principal: Principal, needs: readonly Need[]): void {
    for (const need of needs) {
      const decision = this.#decide(principal, need);
      if (!decision.allowed) throw this.#refused(principal, need, decision.because);
      const [only, ...others] = decision.by;
      if (only && others.length === 0) this.#note(only);
    }
  }

  /**
   * A role's session for a service.
   * @throws Error when there is no such role, or it does not trust the service
   */
  assumeRole(nameOrArn: string, service: string, session: string): Principal {
    const { arn, name, trust } = this.#policies.role(nameOrArn);
    const trusts = trust.some(
      ({ Effect, Action, Principal: whom }) =>
        Effect === 'Allow' && Action.includes('sts:AssumeRole') && whom?.services.includes(service),
    );
    if (!trusts) throw new Error(`the role ${arn} cannot be assumed by ${service}`);
    const [, partition = '', , , account = ''] = arn.split(':');
    return {
      kind: 'session',
      arn: `arn:${partition}:sts::${account}:assumed-role/${name}/${session}`,
      account,
      roleArn: arn,
    };
  }

  #note(grant: Grant): void {
    this.#needed.set(JSON.stringify(grant), grant);
    for (const listener of this.#listeners) listener(grant);
  }

  /** The same request is decided once, until a policy is added. */
  #decide(principal: Principal, need: Need): Decision {
    if (this.#version !== this.#policies.version) {
      this.#decisions.clear();
      this.#version = this.#policies.version;
    }
    const key = JSON.stringify([principal, need]);
    const known = this.#decisions.get(key);
    if (known) return known;
    const statements = {
      ofPrincipal: this.#statementsOf(principal),
      onResource: this.#policies.onResource(need.policyOf ?? need.resource),
    };
    const decision = evaluate(principal, need, statements, this.#isWithout);
    if (this.#decisions.size < MOST_REMEMBERED) this.#decisions.set(key, decision);
    return decision;
  }

  /** Whoever is no part of the stack administers it. */
  #statementsOf(principal: Principal): readonly HeldStatement[] {
    if (principal.kind === 'user') return ADMINISTRATOR;
    return principal.kind === 'session' ? this.#policies.ofRole(principal.roleArn) : [];
  }

  #refused(principal: Principal, { action, resource }: Need, because: string): AccessDenied {
    const refused = { principal: nameOf(principal), action, resource };
    this.refusals.push(refused);
    return new AccessDenied({ ...refused, because });
  }
}
