/** What can be done with a task. */
import type { Task } from '../api/task.ts';
import { askedFrom } from '../compose/remember.ts';
import { again } from '../state/again.ts';
import { hide } from '../state/tasks.ts';
import { words } from '../state/words.ts';
import { copy } from './copy.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly task: Task;
  /** There is nothing to hide yet. */
  readonly isSending?: boolean;
}

export function Actions({ task, isSending = false }: Props) {
  const say = words.value;
  const asked = askedFrom(task.metadata);
  const seed = asked?.seed;
  const parameters = () => JSON.stringify({ model: task.model, prompt: task.prompt, ...asked }, null, 2);
  return (
    <div class="actions">
      <button type="button" class="small strong" onClick={() => again(task)}>
        <Icon name="again" />
        {say.again}
      </button>
      <CopyButton label={say.copyPrompt} text={() => task.prompt} />
      {seed !== undefined && <CopyButton label={say.copySeed(seed)} text={() => String(seed)} />}
      <CopyButton label={say.copyParameters} text={parameters} />
      {!isSending && (
        <button type="button" class="small" title={say.hideHint} onClick={() => hide(task.id)}>
          <Icon name="hide" />
          {say.hide}
        </button>
      )}
    </div>
  );
}

function CopyButton({ label, text }: { readonly label: string; readonly text: () => string }) {
  return (
    <button type="button" class="small" onClick={() => void copy(text())}>
      <Icon name="copy" />
      {label}
    </button>
  );
}
