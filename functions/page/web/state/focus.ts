/** Where the keyboard is. */
import type { FieldName } from '../compose/check.ts';

export const PROMPT_ID = 'prompt';

/** The element that takes the focus for a field has its name in its id. */
export const idOf = (name: FieldName): string => (name === 'prompt' ? PROMPT_ID : `field-${name}`);

export function focusField(name: FieldName): void {
  // What was opened for it is drawn first.
  requestAnimationFrame(() => document.getElementById(idOf(name))?.focus());
}
