/** A task that has ended: its pictures, or why there are none, and what can be done with it. */
import { hasText, piecesOf, type Task } from '../api/task.ts';
import { overallRatio } from '../history/arrange.ts';
import { differencesOf } from '../history/compare.ts';
import { words } from '../state/words.ts';
import { Facts } from './facts.tsx';
import { Icon } from './icon.tsx';
import { Picture } from './picture.tsx';
import { Said } from './said.tsx';
import { Grid, Sheet } from './sheet.tsx';
import { Actions } from './task-actions.tsx';

export function TaskView({ task }: { readonly task: Task }) {
  const isReading = task.status === 'failed' || hasText(task);
  return (
    <Sheet
      {...(isReading ? {} : { overall: overallRatio(task.images) })}
      made={task.status === 'failed' ? <Failure task={task} /> : <Output task={task} />}
      about={
        <>
          <Said text={task.prompt} />
          <Lost task={task} />
          <Differences task={task} />
          <Facts task={task} />
          <Actions task={task} />
        </>
      }
    />
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
