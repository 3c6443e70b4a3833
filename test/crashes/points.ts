/**
 * Where a function can die: each request that it makes for a task, before it took effect and after.
 *
 *   before   the function is killed, and the request is never executed
 *   after    the request is executed and its answer lost; the function is killed at the next one that it makes, which is the
 *            repetition by its SDK
 */
import type { LocalCloud } from '../../infra/local/cloud/index.ts';

export const WALKED = ['Submit', 'Callback', 'Check', 'Publish', 'Deliver', 'Ledger'] as const;
export type Walked = (typeof WALKED)[number];

export type When = 'before' | 'after';

/** The `nth` such request of a function for one task, counted from 1 over all of its invocations. */
export interface Point {
  readonly fn: Walked;
  /** `DynamoDB.PutItem`, or `HTTP.POST` for what leaves AWS. */
  readonly operation: string;
  readonly nth: number;
}

/** Sees every request of the functions, and ends a function at one of them. */
export class Watch {
  readonly seen: Point[] = [];
  readonly #cloud: LocalCloud;
  readonly #target: (Point & { readonly when: When }) | undefined;
  readonly #callers: ReadonlyMap<string, Walked>;
  readonly #counts = new Map<string, number>();
  readonly #forget: () => void;
  #isLost = false;
  #hasDied = false;

  /** Functions that have started before are started anew, so that what a start asks for is asked for again. */
  constructor(cloud: LocalCloud, target?: Point & { readonly when: When }) {
    this.#cloud = cloud;
    this.#target = target;
    this.#callers = new Map(WALKED.map((fn) => [cloud.function(fn).name, fn]));
    for (const fn of target ? [target.fn] : WALKED) cloud.function(fn).kill();
    this.#forget = cloud.onRequest(({ caller, service, operation }) => {
      const fn = this.#callers.get(caller);
      const cut = fn && this.#meet(fn, `${service}.${operation}`);
      return cut && { drop: cut };
    });
  }

  /** Whether the function died at its point. */
  get hasDied(): boolean {
    return this.#hasDied;
  }

  stop(): void {
    this.#forget();
  }

  /** For a request to a server that answers itself: where it must cut the connection, the function has been killed. */
  outside(fn: Walked, operation: string): When | undefined {
    const cut = this.#meet(fn, operation);
    if (cut === 'after') this.#die(fn);
    return cut;
  }

  #meet(fn: Walked, operation: string): When | undefined {
    if (this.#isLost && !this.#hasDied && fn === this.#target?.fn) {
      this.#die(fn);
      return 'before';
    }
    const key = `${fn} ${operation}`;
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    this.seen.push({ fn, operation, nth });
    const target = this.#target;
    if (this.#hasDied || target?.fn !== fn || target.operation !== operation || target.nth !== nth)
      return undefined;
    if (target.when === 'before') this.#die(fn);
    else this.#isLost = true;
    return target.when;
  }

  #die(fn: Walked): void {
    this.#hasDied = true;
    this.#cloud.function(fn).kill();
  }
}
