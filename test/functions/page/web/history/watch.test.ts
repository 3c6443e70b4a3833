/** When the history is read again, in virtual time. */
import { expect, test } from 'vitest';
import { pauseMs, Watch } from '../../../../../functions/page/web/history/watch.ts';

/** A clock that is moved by hand, and what happens on the way. */
function watched() {
  const state = { running: true, visible: true, reads: [] as number[], answers: true, now: 0 };
  let timers: { at: number; callback: () => void }[] = [];
  const watch = new Watch({
    read: async () => {
      state.reads.push(state.now);
      return state.answers;
    },
    isRunning: () => state.running,
    isVisible: () => state.visible,
    now: () => state.now,
    later: (callback, ms) => {
      const timer = { at: state.now + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
  const settle = async () => {
    for (let turns = 0; turns < 10; turns++) await Promise.resolve();
  };
  const pass = async (ms: number) => {
    const end = state.now + ms;
    for (;;) {
      await settle();
      const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      timers = timers.filter((one) => one !== next);
      state.now = next.at;
      next.callback();
    }
    state.now = end;
  };
  return { state, watch, pass };
}

test('pauses grow with the time that has passed, and with failures, to a minute at most', () => {
  expect([0, 10_000, 60_000, 3_600_000].map((ms) => pauseMs(ms, 0))).toEqual([1000, 2000, 7000, 60_000]);
  expect([0, 1, 2, 10].map((failures) => pauseMs(0, failures))).toEqual([1000, 2000, 4000, 60_000]);
});

test('a task that runs is read at growing pauses', async () => {
  const { state, watch, pass } = watched();
  watch.changed();
  await pass(60_000);

  const pauses = state.reads.slice(1).map((at, index) => at - state.reads[index]!);
  expect(state.reads[0]).toBe(1000);
  expect(pauses.length).toBeGreaterThan(10);
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
});

test('nothing runs: no request, however long', async () => {
  const { state, watch, pass } = watched();
  state.running = false;
  watch.changed();
  watch.returned();
  await pass(86_400_000);
  expect(state.reads).toEqual([]);
});

test('the last one ends: no request after it', async () => {
  const { state, watch, pass } = watched();
  watch.changed();
  await pass(5000);
  state.running = false;
  const before = state.reads.length;
  await pass(60_000);
  // The timer that was set while it ran may read once more.
  expect(state.reads.length - before).toBeLessThanOrEqual(1);
  const after = state.reads.length;
  await pass(3_600_000);
  expect(state.reads).toHaveLength(after);
});

test('hidden: no request; on return one at once', async () => {
  const { state, watch, pass } = watched();
  watch.changed();
  state.visible = false;
  watch.hidden();
  await pass(600_000);
  expect(state.reads).toEqual([]);

  state.visible = true;
  watch.returned();
  expect(state.reads).toEqual([600_000]);
});

test('failures make it rarer, an answer makes it as it was', async () => {
  const { state, watch, pass } = watched();
  state.answers = false;
  watch.changed();
  await pass(30_000);
  expect(state.reads.length).toBeLessThan(6);

  state.answers = true;
  watch.returned();
  await pass(6000);
  const [at, next] = state.reads.slice(-2);
  expect(next! - at!).toBeLessThan(6000);
});

test('never two reads at a time', async () => {
  const { state, watch } = watched();
  watch.returned();
  watch.returned();
  watch.changed();
  expect(state.reads).toHaveLength(1);
});

test('a change makes the pauses short again', async () => {
  const { state, watch, pass } = watched();
  watch.changed();
  await pass(120_000);
  watch.changed();
  const at = state.now;
  await pass(1000);
  expect(state.reads.at(-1)).toBe(at + 1000);
});

test('after its end there is none', async () => {
  const { state, watch, pass } = watched();
  watch.changed();
  watch.end();
  await pass(600_000);
  expect(state.reads).toEqual([]);
});
