/** The API key: in the tab's own storage and in no address that is sent. */

const NAME = 'wanhook.key';
/** What was filled in and sent under a key: with another key it would go to another account. */
const OF_ONE_KEY = ['wanhook.draft', 'wanhook.sending'];

export interface Place {
  readonly hash: string;
  readonly pathname: string;
  readonly search: string;
}

/**
 * The key of this tab. A link may bring it as `#key=…`: a fragment is never sent, and it is taken out of the address
 * at once, so that it is neither bookmarked nor shown to who looks over a shoulder.
 * @param replace puts another address in the place of the present one
 */
export function takeKey(
  place: Place,
  replace: (address: string) => void,
  storage: Storage,
): string | undefined {
  const fragment = new URLSearchParams(place.hash.replace(/^#/, ''));
  const brought = fragment.get('key')?.trim();
  if (!brought) return storage.getItem(NAME) ?? undefined;
  fragment.delete('key');
  const rest = fragment.toString();
  replace(place.pathname + place.search + (rest && `#${rest}`));
  const before = storage.getItem(NAME);
  if (before !== null && before !== brought) for (const name of OF_ONE_KEY) storage.removeItem(name);
  keepKey(brought, storage);
  return brought;
}

export const keepKey = (key: string, storage: Storage): void => storage.setItem(NAME, key);
export const forgetKey = (storage: Storage): void => storage.removeItem(NAME);
