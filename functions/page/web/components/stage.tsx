/** The task that is looked at: on its way, done or failed. */
import { isRunning, type Task } from '../api/task.ts';
import { overallRatio } from '../history/arrange.ts';
import { shapesOfTask } from '../history/compare.ts';
import { now } from '../state/clock.ts';
import { giveUp, type Sending, sendAgain, sendings, taskToBe } from '../state/sending.ts';
import { isLoaded, selected, tasks } from '../state/tasks.ts';
import { words } from '../state/words.ts';
import { Facts } from './facts.tsx';
import { Icon } from './icon.tsx';
import { elapsed, Placeholders } from './placeholder.tsx';
import { Said } from './said.tsx';
import { Sheet } from './sheet.tsx';
import { Actions } from './task-actions.tsx';
import { TaskView } from './task-view.tsx';

export function Stage() {
  const { stage } = words.value;
  return (
    <section class="stage" aria-label={stage}>
      <Current />
    </section>
  );
}

function Current() {
  const isSelected = ({ key }: Sending) => key === selected.value;
  const sending = sendings.value.find(isSelected) ?? (selected.value ? undefined : sendings.value[0]);
  if (sending) return <SendingView key={sending.key} sending={sending} />;
  const task = tasks.value.find(({ id }) => id === selected.value) ?? tasks.value[0];
  if (!task) return isLoaded.value ? <Empty /> : <div class="empty" />;
  return isRunning(task) ? <RunningView key={task.id} task={task} /> : <TaskView key={task.id} task={task} />;
}

function Empty() {
  const { emptyTitle, emptyText } = words.value;
  return (
    <div class="empty">
      <svg viewBox="0 0 160 120" aria-hidden="true">
        <rect x="22" y="14" width="116" height="92" rx="8" />
        <circle cx="104" cy="42" r="10" />
        <path d="M22 92c18-6 22-34 40-34s20 22 34 22 16-10 42 8" />
      </svg>
      <h2>{emptyTitle}</h2>
      <p>{emptyText}</p>
    </div>
  );
}

function RunningView({ task }: { readonly task: Task }) {
  const { status } = words.value;
  const shapes = shapesOfTask(task);
  const text = `${status[task.status]} · ${elapsed(task.created, task.task_info?.estimated_time)}`;
  return (
    <Sheet
      overall={overallRatio(shapes)}
      made={<Placeholders shapes={shapes} text={text} progress={task.progress} />}
      about={
        <>
          <Said text={task.prompt} />
          <Facts task={task} />
          <Actions task={task} />
        </>
      }
    />
  );
}

function SendingView({ sending }: { readonly sending: Sending }) {
  const { tryAgain, giveUp: giveUpLabel } = words.value;
  const { state } = sending;
  const isStopped = state.kind === 'stopped';
  const task = taskToBe(sending);
  const shapes = shapesOfTask(task);
  return (
    <Sheet
      overall={overallRatio(shapes)}
      made={<Placeholders shapes={shapes} text={textOf(state)} isStill={isStopped} />}
      about={
        <>
          <Said text={sending.prompt} />
          <Facts task={task} />
          {state.kind === 'sending' ? (
            <Actions task={task} isSending />
          ) : (
            <div class="actions">
              {isStopped && (
                <button type="button" class="small strong" onClick={() => sendAgain(sending)}>
                  <Icon name="again" />
                  {tryAgain}
                </button>
              )}
              <button type="button" class="small" onClick={() => giveUp(sending)}>
                {giveUpLabel}
              </button>
            </div>
          )}
        </>
      }
    />
  );
}

function textOf(state: Sending['state']): string {
  const { sending, busy, retrying, stoppedBusy, stoppedUnreachable } = words.value;
  if (state.kind === 'sending') return sending;
  if (state.kind === 'stopped') return state.why === 'busy' ? stoppedBusy : stoppedUnreachable;
  const seconds = Math.max(0, Math.ceil((state.until - now.value) / 1000));
  return state.why === 'busy' ? busy(seconds) : retrying(seconds);
}
