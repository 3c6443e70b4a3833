/** Where the keyboard is. */
import type { FieldName } from '../compose/check.ts';

export const PROMPT_ID = 'prompt';

/** The element that takes the focus for a field has its name in its id. */
export const idOf = (name: FieldName): string => (name === 'prompt' ? PROMPT_ID : `field-${name}`);

export function focusField(name: FieldName): void {
  // What was opened for it is drawn first.
  requestAnimationFrame(() => document.getElementById(idOf(name))?.focus());
}

const isTouch = matchMedia('(pointer: coarse)');
const isNarrow = matchMedia('(max-width: 959px)');
export const PICTURES_ID = 'pictures';

/**
 * After Generate the keyboard is at the prompt again. Under a finger that would open the keyboard over the picture;
 * and where the pictures are below the form they are scrolled to.
 */
export function returnToPrompt(): void {
  if (!isTouch.matches) document.getElementById(PROMPT_ID)?.focus({ preventScroll: true });
  if (isNarrow.matches) showPictures();
}

export function showPictures(): void {
  document.getElementById(PICTURES_ID)?.scrollIntoView();
}
