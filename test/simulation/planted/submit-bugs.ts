/** Breakages of how a task is created and of what is recorded of the create. */
import { type Bug, edit } from './bug.ts';

const STORE = 'shared/task/store.ts';
const CONDITIONS = 'shared/task/conditions.ts';
const CREATE = 'functions/submit/create-task.ts';
const RECORD = 'functions/submit/record-create.ts';
const HTTP = 'shared/providers/http.ts';
const submit = ['functions/submit', 'shared/task/store.test.ts'];
const provider = ['functions/submit', 'shared/providers'];

export const submitBugs: readonly Bug[] = [
  {
    name: 'the lock is ignored: a key that is taken creates again',
    promise: 2,
    edits: [
      edit(
        'functions/submit/submit.ts',
        "if (put.kind === 'conflict') return decideRepeat(dependencies, input, put.found!, intent, admission);",
        "if (put.kind === 'conflict') return { kind: 'create', record: intent, inputs: inspected.inputs };",
      ),
    ],
    tests: submit,
  },
  {
    name: 'an unconfirmed create is tried again',
    promise: 2,
    edits: [
      edit(
        CREATE,
        "if (created.kind !== 'busy' || pauseMs === undefined) return created;",
        "if ((created.kind !== 'busy' && created.kind !== 'unconfirmed') || pauseMs === undefined) return created;",
      ),
      edit(
        CREATE,
        'const wait = Math.max(pauseMs, (created.retryAfterSeconds ?? 0) * 1000);',
        'const wait = pauseMs;',
      ),
    ],
    tests: provider,
  },
  {
    name: 'a 5xx or a 408 to a create counts as busy',
    promise: 2,
    edits: [
      edit(
        HTTP,
        "return { kind: 'unconfirmed', why: `status ${status}` };",
        "return { kind: 'busy', why: `status ${status}` };",
      ),
    ],
    tests: provider,
  },
  {
    name: 'a broken connection counts as never made',
    promise: 2,
    edits: [edit(HTTP, 'return failure.sent ?', 'return !failure.code ?')],
    tests: provider,
  },
  {
    name: 'an answer without an id counts as busy',
    promise: 2,
    edits: [
      edit(
        HTTP,
        "{ kind: 'unconfirmed', why: 'the answer names no task' }",
        "{ kind: 'busy', why: 'the answer names no task' }",
      ),
    ],
    tests: provider,
  },
  {
    name: 'several repeats may reopen a refused task',
    promise: 2,
    edits: [
      edit(
        CONDITIONS,
        'AND #status = :pending AND submission = :refused`',
        'AND #status = :pending AND (submission = :refused OR submission <> :refused)`',
      ),
    ],
    tests: submit,
  },
  {
    name: 'a write whose answer was lost is taken for somebody else’s (repair 2 undone)',
    promise: 1,
    edits: [
      edit(STORE, "return isOurs ? { kind: 'written' } : written;", 'return isOurs ? written : written;'),
    ],
    tests: submit,
  },
  {
    name: 'an acceptance that cannot be written goes no other way (repair 3 undone)',
    promise: 1,
    edits: [
      edit(
        RECORD,
        'if (!written && !isEarly && !(await enqueueIfPossible(dependencies, message))) {',
        'if (!written && !isEarly) {',
      ),
      edit(RECORD, "telemetry.count('AcceptanceLost');", ''),
    ],
    tests: submit,
  },
  {
    name: 'the provider’s refusal of our key fails the task for good (repair 4 undone)',
    promise: 2,
    edits: [
      edit(
        CREATE,
        "return { kind: 'busy', retryAfterSeconds: UNAUTHORIZED_RETRY_SECONDS, why: second.why };",
        "return { kind: 'refused', status: 401, error: { code: 'unauthorized', message: second.why, type: 'task_error' } };",
      ),
    ],
    tests: provider,
  },
  {
    name: 'a rotated provider key is not read again (repair 4 undone)',
    promise: 2,
    edits: [edit(CREATE, 'createdBy(await freshProvider(dependencies, name))', 'createdBy(provider)')],
    tests: provider,
  },
  {
    name: 'an absurd estimate is recorded as it is (repair 7 undone)',
    promise: 1,
    edits: [
      edit(
        'shared/providers/tolerant.ts',
        'return seconds !== undefined && seconds >= 0 && seconds <= A_DAY ? Math.round(seconds) : undefined;',
        'return seconds;',
      ),
    ],
    tests: provider,
  },
  {
    name: 'an outcome inside a create’s answer is not used (repair 8 undone)',
    promise: 3,
    edits: [edit(RECORD, 'if (created.outcome) {', 'if (created.outcome && created.kind !== "accepted") {')],
    tests: submit,
  },
  {
    name: 'a late acceptance overwrites the outcome',
    promise: 5,
    edits: [
      edit(
        STORE,
        "return update(id, conditions.MAY_ACCEPT, { ...fitting, submission: 'accepted' });",
        "return update(id, conditions.MAY_ACCEPT, { ...fitting, submission: 'accepted', status: 'pending' });",
      ),
    ],
    tests: submit,
  },
  {
    name: 'an acceptance may contradict what a callback has said',
    promise: 5,
    edits: [
      edit(
        CONDITIONS,
        'export const MAY_ACCEPT = `${EXISTS} AND ${IS_SAME_PROVIDER_TASK}`;',
        'export const MAY_ACCEPT = EXISTS;',
      ),
    ],
    tests: submit,
  },
  {
    name: 'what a provider quotes of us is not taken out',
    promise: 10,
    edits: [
      edit(
        'shared/providers/redaction.ts',
        "credentials.reduce((cleaned, found) => cleaned.replace(found, '$1…'), content(text))",
        'content(text)',
      ),
    ],
    tests: provider,
  },
];
