/** Copies a text and says so. */
import { notify } from '../state/announce.ts';
import { words } from '../state/words.ts';

export async function copy(text: string): Promise<void> {
  const { copied, copyFailed } = words.peek().announce;
  try {
    await navigator.clipboard.writeText(text);
    notify(copied);
  } catch {
    notify(copyFailed);
  }
}
