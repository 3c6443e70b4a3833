/** Signing in with an API key. */
import { useSignal } from '@preact/signals';
import { keyRefused, type SignIn as Result, signIn } from '../state/session.ts';
import { words } from '../state/words.ts';
import { LanguageSwitch } from './header.tsx';
import { Mark } from './mark.tsx';

export function SignIn() {
  const { signIn: say } = words.value;
  const key = useSignal('');
  const isChecking = useSignal(false);
  const result = useSignal<Result | undefined>(keyRefused.peek() ? 'refused' : undefined);
  const problem =
    result.value === 'refused' || result.value === 'unreachable' ? say[result.value] : undefined;

  async function submit(event: Event) {
    event.preventDefault();
    if (isChecking.peek() || !key.peek().trim()) return;
    isChecking.value = true;
    result.value = await signIn(key.peek().trim());
    isChecking.value = false;
  }

  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <Mark />
        <h1>Wanhook</h1>
        <p class="intro">{say.intro}</p>
        <label for="key">{say.key}</label>
        <input
          id="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={key.value}
          aria-invalid={problem !== undefined}
          aria-describedby={problem ? 'key-problem key-kept' : 'key-kept'}
          onInput={(event) => {
            key.value = event.currentTarget.value;
          }}
        />
        {problem && (
          <p id="key-problem" class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="primary">
          {isChecking.value ? say.checking : say.submit}
        </button>
        <p id="key-kept" class="hint">
          {say.kept}
        </p>
      </form>
      <LanguageSwitch />
    </main>
  );
}
