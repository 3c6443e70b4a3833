/** Who is signed in. */
import { computed, signal } from '@preact/signals';
import { clientOf } from '../api/client.ts';
import { forgetKey, keepKey, takeKey } from './key.ts';

export const apiKey = signal(
  takeKey(location, (address) => history.replaceState(null, '', address), sessionStorage),
);
/** The API did not accept the key that we had. */
export const keyRefused = signal(false);

export const client = computed(() => (apiKey.value ? clientOf(apiKey.value) : undefined));

export type SignIn = 'in' | 'refused' | 'unreachable';

/** Tries the key before it is kept. */
export async function signIn(key: string): Promise<SignIn> {
  const listed = await clientOf(key).list();
  if (listed.kind === 'unauthorized') return 'refused';
  if (listed.kind !== 'tasks') return 'unreachable';
  keepKey(key, sessionStorage);
  keyRefused.value = false;
  apiKey.value = key;
  return 'in';
}

export function signOut(refused = false): void {
  forgetKey(sessionStorage);
  keyRefused.value = refused;
  apiKey.value = undefined;
}
