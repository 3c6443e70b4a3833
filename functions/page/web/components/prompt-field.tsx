/** The prompt, with a live count by characters as the models count them. */
import { length } from '../../../../shared/models/measures.ts';
import { PROMPT_ID } from '../state/focus.ts';
import { change, fields, form, problemAt } from '../state/form.ts';
import { words } from '../state/words.ts';
import { describedBy, Field } from './field.tsx';

export function PromptField() {
  const { prompt: label, placeholders } = words.value;
  const { prompt, mode } = form.value;
  return (
    <Field name="prompt" label={label} aside={<Count text={prompt} max={fields.value.limits.prompt.max} />}>
      <textarea
        id={PROMPT_ID}
        rows={5}
        value={prompt}
        placeholder={placeholders[mode]}
        aria-invalid={problemAt('prompt') !== undefined}
        aria-describedby={describedBy('prompt')}
        onInput={(event) => change({ prompt: event.currentTarget.value }, 'prompt')}
      />
    </Field>
  );
}

/** How much of the room is used; too much is marked by more than a colour. */
export function Count({ text, max }: { readonly text: string; readonly max: number }) {
  const { characters, charactersOf } = words.value;
  const used = length(text.trim());
  return (
    <span class={used > max ? 'count over' : 'count'}>
      <span aria-hidden="true">{characters(used, max)}</span>
      <span class="unseen">{charactersOf(used, max)}</span>
    </span>
  );
}
