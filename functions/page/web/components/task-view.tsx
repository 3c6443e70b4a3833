/** A task that has ended: its pictures, or why there are none, and what can be done with it. */
import { hasText, piecesOf, type Task } from '../api/task.ts';
import { askedFrom } from '../compose/remember.ts';
import { differencesOf } from '../history/compare.ts';
import { again } from '../state/again.ts';
import { hide } from '../state/tasks.ts';
import { words } from '../state/words.ts';
import { copy } from './copy.ts';
import { Facts } from './facts.tsx';
import { Icon } from './icon.tsx';
import { Picture } from './picture.tsx';
import { Grid } from './placeholder.tsx';

export function TaskView({ task }: { readonly task: Task }) {
  return (
    <article class="task">
      {task.status === 'failed' ? <Failure task={task} /> : <Output task={task} />}
      <Lost task={task} />
      <Differences task={task} />
      <p class="said">{task.prompt}</p>
      <Facts task={task} />
      <Actions task={task} />
    </article>
  );
}

function Output({ task }: { readonly task: Task }) {
  if (hasText(task)) return <Mixed task={task} />;
  return (
    <Grid shapes={task.images}>
      {task.images.map((image, index) => (
        <Picture key={image.url} task={task} image={image} index={index} />
      ))}
    </Grid>
  );
}

/** Texts and pictures in the order in which they were written. */
function Mixed({ task }: { readonly task: Task }) {
  const { truncatedText } = words.value;
  return (
    <div class="mixed">
      {piecesOf(task).map((piece, place) =>
        piece.kind === 'image' ? (
          <Picture key={piece.image.url} task={task} image={piece.image} index={piece.index} />
        ) : (
          <div key={place} class="text">
            <p>{piece.text}</p>
            {piece.truncated && <p class="hint">{truncatedText}</p>}
          </div>
        ),
      )}
    </div>
  );
}

function Failure({ task }: { readonly task: Task }) {
  const { status, failures, failure } = words.value;
  const { code = '', message = '' } = task.error ?? {};
  return (
    <div class="failure">
      <Icon name="warning" />
      <div>
        <h2>{status.failed}</h2>
        <p>{(Object.hasOwn(failures, code) && failures[code]) || failure}</p>
        {message && (
          <p class="hint">
            {message} <code>{code}</code>
          </p>
        )}
      </div>
    </div>
  );
}

function Lost({ task }: { readonly task: Task }) {
  const { lost, lostReasons } = words.value;
  if (!task.lost?.length) return null;
  const reasons = [...new Set(task.lost.map(({ reason }) => lostReasons[reason] ?? reason))];
  return (
    <p class="lost">
      <Icon name="warning" />
      {lost(task.lost.length)}: {reasons.join('; ')}
    </p>
  );
}

function Differences({ task }: { readonly task: Task }) {
  const { changed, asked, made, field } = words.value;
  const differences = differencesOf(task);
  if (differences.length === 0) return null;
  return (
    <table class="differences">
      <caption>{changed}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{asked}</th>
          <th scope="col">{made}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map((difference) => (
          <tr key={difference.field}>
            <th scope="row">{field[difference.field]}</th>
            <td>{difference.asked}</td>
            <td>{difference.made}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Actions({ task }: { readonly task: Task }) {
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
      <button type="button" class="small" title={say.hideHint} onClick={() => hide(task.id)}>
        <Icon name="hide" />
        {say.hide}
      </button>
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
