/** What this browser remembers. A storage that is full or forbidden costs the memory, not the page. */

export interface Kept<T> {
  readonly read: () => T;
  readonly write: (value: T) => void;
}

/** @param understand what was stored, or undefined for what it does not know */
export function kept<T>(
  storage: () => Storage,
  name: string,
  otherwise: T,
  understand: (value: unknown) => T | undefined,
): Kept<T> {
  return {
    read() {
      try {
        return understand(JSON.parse(storage().getItem(name) ?? 'null')) ?? otherwise;
      } catch {
        return otherwise;
      }
    },
    write(value) {
      try {
        storage().setItem(name, JSON.stringify(value));
      } catch {
        // Full or forbidden.
      }
    },
  };
}

/** The newest of these: a set that is only ever added to would fill the storage. */
const MOST = 500;

export const keptSet = (storage: () => Storage, name: string): Kept<ReadonlySet<string>> => {
  const list = kept<readonly string[]>(storage, name, [], (value) =>
    Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined,
  );
  return {
    read: () => new Set(list.read()),
    write: (value) => list.write([...value].slice(-MOST)),
  };
};
