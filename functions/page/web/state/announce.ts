/** What a screen reader is told, and what a short notice shows. */
import { signal } from '@preact/signals';

/** The number makes two equal messages two. */
export const announcement = signal({ text: '', number: 0 });
/** Also shown, for a moment. */
export const notice = signal('');

const SHOWN_MS = 2500;
let timer = 0;

export function announce(text: string): void {
  announcement.value = { text, number: announcement.peek().number + 1 };
}

export function notify(text: string): void {
  announce(text);
  notice.value = text;
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    notice.value = '';
  }, SHOWN_MS);
}
