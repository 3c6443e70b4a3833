/** The secrets of a run, and whether one of them stands where it must not. */

export const signingSecret = (nth: number): string => `signing-secret-${nth}-`.padEnd(48, 'x');
export const providerKey = (nth: number): string => `provider-key-${nth}`;

/** The path of a callback is a credential too. */
const secrets = [signingSecret(1), signingSecret(2), providerKey(1), providerKey(2), '/v1/callbacks/task_'];

export const hasSecret = (text: string): boolean => secrets.some((secret) => text.includes(secret));
