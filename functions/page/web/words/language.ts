/** Which language the page speaks: the one that was chosen, or else the browser's. */

export type Language = 'en' | 'zh';

export function firstLanguage(chosen: string | null, preferred: readonly string[]): Language {
  if (chosen === 'en' || chosen === 'zh') return chosen;
  const known = preferred.find((tag) => /^(zh|en)\b/i.test(tag));
  return known && /^zh/i.test(known) ? 'zh' : 'en';
}
