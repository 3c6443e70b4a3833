/** The page's head: its name, what runs, the language, and the way out. */
import { leave } from '../state/leave.ts';
import { counts, isReachable } from '../state/tasks.ts';
import { switchLanguage, words } from '../state/words.ts';
import { Icon } from './icon.tsx';
import { Mark } from './mark.tsx';

export function Header() {
  const { signIn, running, offline } = words.value;
  return (
    <header class="header">
      <Mark />
      <h1 class="name">Wanhook</h1>
      {counts.value.running > 0 && (
        <span class="running">
          <span class="dot" />
          {running(counts.value.running)}
        </span>
      )}
      <span class="spread" />
      <LanguageSwitch />
      <button
        type="button"
        class="quiet icon-only"
        aria-label={signIn.out}
        title={signIn.out}
        onClick={leave}
      >
        <Icon name="out" />
      </button>
      {!isReachable.value && (
        <p class="offline" role="status">
          {offline}
        </p>
      )}
    </header>
  );
}

export function LanguageSwitch() {
  const { switchLanguage: label, switchLanguageName } = words.value;
  return (
    <button type="button" class="quiet" aria-label={switchLanguageName} onClick={switchLanguage}>
      {label}
    </button>
  );
}
