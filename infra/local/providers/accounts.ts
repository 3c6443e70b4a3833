/**
 * API keys. Any non-empty key that does not begin with `invalid` is an account of its own, named by it; an account may
 * be given further keys, and a key may be revoked, so that keys can be rotated as at a real provider.
 */
export type Caller = { account: string; bearer: string };

export class Accounts {
  readonly #accounts = new Map<string, string>();
  readonly #revoked = new Map<string, number>();

  /** The account that the key belongs to, also when it is refused; none for a missing key. */
  of(key: string | undefined): string | undefined {
    return key === undefined ? undefined : (this.#accounts.get(key) ?? key);
  }

  /** The status that the key is refused with, or undefined. */
  refusal(key: string | undefined): number | undefined {
    if (key === undefined || key.startsWith('invalid')) return 401;
    return this.#revoked.get(key);
  }

  /** Gives the account a further key. Revoked before, it is valid again. */
  add(account: string, key: string): void {
    this.#accounts.set(key, account);
    this.#revoked.delete(key);
  }

  /** Refuses the key from now on, with 401 or 403. */
  revoke(key: string, status: number): void {
    this.#revoked.set(key, status);
  }
}
