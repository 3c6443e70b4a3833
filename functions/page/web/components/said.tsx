/** A prompt as it was written; a long one is folded. */
import { useSignal } from '@preact/signals';
import { words } from '../state/words.ts';

/** About six lines beside a picture. */
const FOLDED = 260;

export function Said({ text }: { readonly text: string }) {
  const { showAll, showLess } = words.value;
  const isOpen = useSignal(false);
  const isLong = text.length > FOLDED;
  return (
    <div>
      <p class={isLong && !isOpen.value ? 'said folded' : 'said'}>{text}</p>
      {isLong && (
        <button
          type="button"
          class="link"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {isOpen.value ? showLess : showAll}
        </button>
      )}
    </div>
  );
}
