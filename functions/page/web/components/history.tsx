/** The last twenty tasks of the owner, whoever created them. */

import { MOST_TASKS } from '../api/client.ts';
import { isRunning, ownLink, type Task } from '../api/task.ts';
import { shapesOfTask } from '../history/compare.ts';
import type { Filter } from '../history/merge.ts';
import { showPictures } from '../state/focus.ts';
import {
  counts,
  filter,
  hiddenCount,
  isLoaded,
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
  if (shown.value.length === 0) {
    const text = !isLoaded.value ? historyLoading : tasks.value.length > 0 ? historyNone : historyEmpty;
    return <p class="none">{text}</p>;
  }
  return (
    <ul class="items">
      {shown.value.map((task) => (
        <Item key={task.id} task={task} />
      ))}
    </ul>
  );
}

function Item({ task }: { readonly task: Task }) {
  const { status, times } = words.value;
  const { width, height } = shapesOfTask(task)[0]!;
  const current = (selected.value ?? tasks.value[0]?.id) === task.id;
  const open = () => {
    selected.value = task.id;
    showPictures();
  };
  return (
    <li class="item" style={{ '--ratio': String(width / height) }}>
      <button type="button" aria-current={current ? 'true' : undefined} onClick={open}>
        <span class={`face ${isRunning(task) ? 'moving' : task.status}`}>
          <Thumbnail task={task} />
          {task.images.length > 1 && <span class="badge">{times(task.images.length)}</span>}
        </span>
        <span class="caption">{task.prompt}</span>
        <span class="unseen">{status[task.status]}</span>
      </button>
    </li>
  );
}

function Thumbnail({ task }: { readonly task: Task }) {
  const { status } = words.value;
  const image = task.images[0];
  if (image) {
    return (
      <img
        src={ownLink(image.url)}
        width={image.width}
        height={image.height}
        alt=""
        loading="lazy"
        decoding="async"
      />
    );
  }
  const text = isRunning(task) ? elapsed(task.created) : status.failed;
  return (
    <span class="instead" aria-hidden="true">
      {isRunning(task) ? <span class="dot" /> : <Icon name="warning" />}
      {text}
    </span>
  );
}
