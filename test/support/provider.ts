/** A provider that says what a test told it to, and remembers what it was asked. */
import type { Created, Provider, StatusRead } from '../../shared/providers/provider.ts';
import { remembered } from '../../shared/runtime/remembered.ts';

export interface ScriptedProvider extends Provider {
  readonly creates: { body: unknown; callbackUrl: string; timeoutMs: number }[];
  readonly reads: string[];
}

interface Script {
  /** One for each create; the last is said again and again. A function may do something first. */
  readonly creates?: readonly (Created | (() => Promise<Created> | Created))[];
  readonly reads?: readonly (StatusRead | (() => Promise<StatusRead>))[];
}

/** The operator's keys at the providers, as a function remembers them. */
export const keysIn = (keys: object) =>
  remembered(
    1000,
    () => 0,
    async () => JSON.stringify(keys),
  );

export const acceptedAs = (providerTaskId: string): Created => ({ kind: 'accepted', providerTaskId });

export function scriptedProvider(script: Script = {}): ScriptedProvider {
  const provider: ScriptedProvider = {
    creates: [],
    reads: [],
    create: async (body, callbackUrl, { timeoutMs }) => {
      provider.creates.push({ body, callbackUrl, timeoutMs });
      return said(script.creates ?? [acceptedAs('provider-1')], provider.creates.length);
    },
    read: async (id) => {
      provider.reads.push(id);
      return said(script.reads ?? [{ kind: 'forgotten' }], provider.reads.length);
    },
  };
  return provider;
}

async function said<T extends object>(
  lines: readonly (T | (() => Promise<T> | T))[],
  count: number,
): Promise<T> {
  const line = lines[Math.min(count, lines.length) - 1]!;
  return typeof line === 'function' ? line() : line;
}
