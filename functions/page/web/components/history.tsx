/** The last twenty tasks of the owner, whoever created them. */

import { MOST_TASKS } from '../api/client.ts';
import { isRunning, ownLink, type Task } from '../api/task.ts';
import { submissionOf } from '../compose/remember.ts';
import { shapesOfTask } from '../history/compare.ts';
import type { Filter } from '../history/merge.ts';
import { showPictures } from '../state/focus.ts';
import { sendings, taskToBe } from '../state/sending.ts';
import {
  counts,
  filter,
  hiddenCount,
  isLoaded,
  isReachable,
  read,
  selected,
  showHidden,
  shown,
  tasks,
} from '../state/tasks.ts';
import { words } from '../state/words.ts';
import { Icon } from './icon.tsx';
import { elapsed } from './placeholder.tsx';
import { Radios } from './radio.tsx';

const filters: readonly Filter[] = ['all', 'running', 'completed', 'failed'];

export function History() {
  const say = words.value;
  const { running, completed } = counts.value;
  // Below a place that is not filled yet it would only be pushed away.
  if (!isLoaded.value && isReachable.value) return null;
  return (
    <section class="history" aria-labelledby="history-title">
      <div class="history-head">
        <h2 id="history-title">{say.history}</h2>
        <p class="count">
          {[say.historyMost(MOST_TASKS), say.running(running), say.completed(completed)].join(' · ')}
        </p>
        <button
          type="button"
          class="quiet icon-only"
          aria-label={say.refresh}
          title={say.refresh}
          onClick={() => void read()}
        >
          <Icon name="again" />
        </button>
        <span class="spread" />
        <fieldset class="filter">
          <legend class="unseen">{say.filter}</legend>
          <Radios
            group="filter"
            kind="segments plain"
            choices={filters.map((value) => ({ value, name: say.filters[value] }))}
            chosen={filter.value}
            onChoose={(value) => {
              filter.value = value;
            }}
          />
        </fieldset>
      </div>
      <List />
      {hiddenCount.value > 0 && (
        <p class="hidden-note">
          {say.hidden(hiddenCount.value)}{' '}
          <button type="button" class="link" onClick={showHidden}>
            {say.showHidden}
          </button>
        </p>
      )}
    </section>
  );
}

function List() {
  const { historyEmpty, historyNone, historyLoading } = words.value;
  const sent = filter.value === 'all' ? sendings.value : [];
  if (shown.value.length + sent.length === 0) {
    const text = !isLoaded.value ? historyLoading : tasks.value.length > 0 ? historyNone : historyEmpty;
    return <p class="none">{text}</p>;
  }
  // A submission and its task have one place, so that nothing jumps when one becomes the other.
  return (
    <ul class="items">
      {sent.map((sending) => (
        <Item key={sending.key} task={taskToBe(sending)} isSending />
      ))}
      {shown.value.map((task) => (
        <Item key={submissionOf(task) ?? task.id} task={task} />
      ))}
    </ul>
  );
}

interface ItemProps {
  readonly task: Task;
  readonly isSending?: boolean;
}

function Item({ task, isSending = false }: ItemProps) {
  const { status, times, sending } = words.value;
  const { width, height } = shapesOfTask(task)[0]!;
  const current = (selected.value ?? sendings.value[0]?.key ?? tasks.value[0]?.id) === task.id;
  const open = () => {
    selected.value = task.id;
    showPictures();
  };
  const text = isSending ? sending : isRunning(task) ? elapsed(task.created) : status.failed;
  return (
    <li class="item" style={{ '--ratio': String(width / height) }}>
      <button type="button" aria-current={current ? 'true' : undefined} onClick={open}>
        <span class={`face ${isRunning(task) ? 'moving' : task.status}`}>
          <Thumbnail task={task} text={text} />
          {task.images.length > 1 && <span class="badge">{times(task.images.length)}</span>}
        </span>
        <span class="caption">{task.prompt}</span>
        <span class="unseen">{isSending ? sending : status[task.status]}</span>
      </button>
    </li>
  );
}

/** @param text what is seen where there is no picture */
function Thumbnail({ task, text }: { readonly task: Task; readonly text: string }) {
  const image = task.images[0];
  if (!image) {
    return (
      <span class="instead" aria-hidden="true">
        {isRunning(task) ? <span class="dot" /> : <Icon name="warning" />}
        {text}
      </span>
    );
  }
  const { url, width, height } = image;
  return <img src={ownLink(url)} width={width} height={height} alt="" loading="lazy" decoding="async" />;
}
