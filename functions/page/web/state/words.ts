/** The page's language and its words. */
import { computed, effect, signal } from '@preact/signals';
import { chinese } from '../words/chinese.ts';
import { english } from '../words/english.ts';
import { firstLanguage, type Language } from '../words/language.ts';
import { kept } from './kept.ts';

const chosen = kept<string | null>(
  () => localStorage,
  'wanhook.language',
  null,
  (value) => (typeof value === 'string' ? value : undefined),
);

export const language = signal<Language>(firstLanguage(chosen.read(), navigator.languages));
export const words = computed(() => (language.value === 'zh' ? chinese : english));

effect(() => {
  document.documentElement.lang = words.value.language;
});

export function switchLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh';
  chosen.write(language.value);
}
