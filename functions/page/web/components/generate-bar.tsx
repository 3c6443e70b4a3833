/** The one button that costs something. What it will cost has its place here, once a price is known. */
import { useEffect } from 'preact/hooks';
import { generate } from '../state/sending.ts';
import { words } from '../state/words.ts';

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export function GenerateBar() {
  const { generate: label, shortcut } = words.value;
  useEffect(() => {
    // From anywhere on the page, but not while a Chinese word is being composed or a picture is open.
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      if (event.repeat || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      void generate();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <div class="generate">
      <button
        type="button"
        class="primary"
        aria-keyshortcuts="Control+Enter Meta+Enter"
        onClick={() => void generate()}
      >
        <span>{label}</span>
        <span class="keys" aria-hidden="true">
          {shortcut(isMac)}
        </span>
      </button>
    </div>
  );
}
