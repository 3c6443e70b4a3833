/** Breakages of what is handed on: events, timers, reads. */
import { type Bug, edit } from './bug.ts';

const PUBLISH = 'functions/publish/publish.ts';
const PUT = 'shared/events/put-events.ts';
const CHECK = 'functions/check/check.ts';
const TIMERS = 'functions/check/check-timers.ts';
const publish = ['functions/publish', 'shared/events'];
const check = ['functions/check', 'shared/task/timers.test.ts'];

export const handOverBugs: readonly Bug[] = [
  {
    name: 'an event says how a task ends before its record does',
    promise: 7,
    edits: [
      edit(
        'shared/events/task-event.ts',
        "hasEnded(status) ? status : 'created'",
        "hasEnded(status) ? status : 'completed'",
      ),
    ],
    tests: publish,
  },
  {
    name: 'an entry that the bus refused is forgotten',
    promise: 7,
    edits: [
      edit(
        PUT,
        'waiting = failed.filter(({ code }) => !WRONG_ENTRY.has(code)).map(({ entry }) => entry);',
        'waiting = failed.filter(({ code }) => code === "").map(({ entry }) => entry);',
      ),
    ],
    tests: publish,
  },
  {
    name: 'a call that the bus did not take is forgotten',
    promise: 7,
    edits: [
      edit(
        PUT,
        'return { failed: group, refused: [], fault: error };',
        'return { failed: [], refused: [] };',
      ),
    ],
    tests: publish,
  },
  {
    name: 'one malformed record stops all others (repair 9 undone)',
    promise: 7,
    edits: [
      edit(
        PUBLISH,
        "dependencies.telemetry.error('a record cannot become an event', { task: taskId, error });",
        'if (error) throw error;',
      ),
    ],
    tests: publish,
  },
  {
    name: 'an event may be larger than the bus takes (repair 9 undone)',
    promise: 7,
    edits: [
      edit('shared/events/task-event.ts', 'detail: fitted(detail)', 'detail'),
      edit(
        PUBLISH,
        "const reason = error instanceof Error ? error.name : 'Error';",
        'const reason = error instanceof Error ? error.name : fitted;\n    throw error;',
      ),
    ],
    tests: publish,
  },
  {
    name: 'a new task gets no timer',
    promise: 3,
    edits: [
      edit(PUBLISH, 'if (!hasEnded(task.status)) open = task;', 'if (hasEnded(task.status)) open = task;'),
    ],
    tests: publish,
  },
  {
    name: 'a timer that could not be started is forgotten',
    promise: 3,
    edits: [edit(PUBLISH, 'if (!isHandled || withoutTimer.has(taskId))', 'if (!isHandled)')],
    tests: publish,
  },
  {
    name: 'a timer that could not be sent on is deleted',
    promise: 3,
    edits: [
      edit(
        TIMERS,
        "  if (unsent.has(step.next)) return { kind: 'failed', error: unsent.get(step.next) };\n",
        '',
      ),
    ],
    tests: check,
  },
  {
    name: 'the next timer’s delay is longer than SQS takes',
    promise: 3,
    edits: [edit(TIMERS, 'Math.min(Math.max(wait, 0), MAX_DELAY_SECONDS)', 'Math.max(wait, 0)')],
    tests: check,
  },
  {
    name: 'a failed check deletes its timer',
    promise: 3,
    edits: [
      edit(
        TIMERS,
        "    return { kind: 'failed', error };\n  }\n}\n\n/** @returns the timer of the next check",
        "    return { kind: 'drop', why: String(error) };\n  }\n}\n\n/** @returns the timer of the next check",
      ),
    ],
    tests: check,
  },
  {
    name: 'a task whose outcome is under way is given up after a day',
    promise: 3,
    edits: [
      edit(
        CHECK,
        'if (enqueued > 0) return age >= OPEN_AT_MOST_SECONDS ? unrecorded : undefined;',
        'if (enqueued > 0 && age < 0) return unrecorded;',
      ),
    ],
    tests: check,
  },
  {
    name: 'the last read comes hours before the provider forgets (repair 6 undone)',
    promise: 3,
    edits: [
      edit(
        'functions/check/schedule.ts',
        'const LAST_READ_AT = FORGOTTEN_AFTER - 600;',
        'const LAST_READ_AT = FORGOTTEN_AFTER - 14_400;',
      ),
      edit(
        'functions/check/schedule.ts',
        'const OVERDUE_PAUSES = [900, 1800, 3600, 7200, 14_400];',
        'const OVERDUE_PAUSES = [900, 1800, 3600, 7200, 86_400];',
      ),
    ],
    tests: check,
  },
  {
    name: 'a remembered secret is never read again',
    promise: 3,
    edits: [
      edit(
        'shared/security/secrets.ts',
        'const FIVE_MINUTES = 5 * 60_000;',
        'const FIVE_MINUTES = 5 * 60_000_000;',
      ),
    ],
    tests: ['shared/security', 'shared/runtime'],
  },
  {
    name: 'an outcome that was read is not put into the queue',
    promise: 3,
    edits: [
      edit(
        CHECK,
        "await enqueue({ kind: 'read', taskId: task.id, providerTaskId, answer: read.body });",
        'if (!enqueue) return false;',
      ),
    ],
    tests: check,
  },
  {
    name: 'messages of one task take each other for doubles',
    promise: 3,
    edits: [
      edit(
        'shared/task/callback-queue.ts',
        'MessageDeduplicationId: randomUUID(),',
        'MessageDeduplicationId: `${taskId}${randomUUID()[14]}`,',
      ),
    ],
    tests: ['shared/task', 'functions/submit'],
  },
  {
    name: 'all tasks share one message group',
    promise: 6,
    edits: [edit('shared/task/callback-queue.ts', 'MessageGroupId: taskId,', "MessageGroupId: 'all',")],
    tests: ['shared/task', 'functions/submit'],
  },
];
