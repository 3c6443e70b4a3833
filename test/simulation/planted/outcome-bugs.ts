/** Breakages of how an outcome is believed, fetched, kept and recorded. */
import { type Bug, edit } from './bug.ts';

const CALLBACK = 'functions/callback/callback.ts';
const ARCHIVE = 'functions/callback/archive.ts';
const IN_TIME = 'functions/callback/archive-in-time.ts';
const FETCH = 'shared/images/fetch.ts';
const STORE = ['shared/task', 'functions/callback'];
const images = ['functions/callback', 'shared/images'];
const signatures = ['shared/security', 'shared/task/callback-message.test.ts', 'functions/callback'];

export const outcomeBugs: readonly Bug[] = [
  {
    name: 'a callback’s signature is not checked',
    promise: 4,
    edits: [
      edit(
        'shared/task/callback-message.ts',
        'return signer.verifyCallback(taskId, signature) ?',
        'return signer.verifyCallback(taskId, signature) || signature ?',
      ),
    ],
    tests: signatures,
  },
  {
    name: 'a signature is good for every task',
    promise: 4,
    edits: [
      edit(
        'shared/security/signer.ts',
        "callback: (taskId) => sign('callback', taskId)",
        "callback: () => sign('callback')",
      ),
      edit(
        'shared/security/signer.ts',
        "verifyCallback: (taskId, signature) => verify(signature, 'callback', taskId)",
        "verifyCallback: (_taskId, signature) => verify(signature, 'callback')",
      ),
    ],
    tests: signatures,
  },
  {
    name: 'only the newest signing key is accepted (repair 19 undone)',
    promise: 3,
    edits: [
      edit(
        'shared/security/signer.ts',
        'const key = keys.find(({ id }) =>',
        'const key = keys.slice(0, 1).find(({ id }) =>',
      ),
    ],
    tests: signatures,
  },
  {
    name: 'a new signing key signs at once (repair 19 undone)',
    promise: 3,
    edits: [edit('shared/security/signer.ts', 'signsFrom <= now / 1000', 'signsFrom <= now')],
    tests: signatures,
  },
  {
    name: 'a read is about whatever id its body names, and its timer ends with it (repair 1 undone)',
    promise: 3,
    edits: [
      edit(
        CALLBACK,
        'return report && { ...report, providerTaskId: message.providerTaskId };',
        'return report;',
      ),
      edit(
        'functions/check/check.ts',
        "return { kind: 'later', seconds, ...(enqueued > 0 && { enqueued }) };",
        "return hasOutcome ? { kind: 'done', why: 'enqueued' } : { kind: 'later', seconds };",
      ),
    ],
    tests: ['functions/callback', 'functions/check'],
  },
  {
    name: 'a completion without results is recorded as an empty one',
    promise: 6,
    edits: [
      edit(
        CALLBACK,
        "report.content.length === 0 && message.kind === 'callback') {",
        "report.content.length === 0 && message.taskId === '') {",
      ),
    ],
    tests: STORE,
  },
  {
    name: 'a report about another task of the provider’s ends this one',
    promise: 4,
    edits: [
      edit(
        'shared/task/life-cycle.ts',
        "  if (known && reported.provider_task_id && known !== reported.provider_task_id) return 'foreign';\n",
        '',
      ),
      edit(
        'shared/task/conditions.ts',
        'export const MAY_CONCLUDE = `${EXISTS} AND ${IS_OPEN} AND ${IS_SAME_PROVIDER_TASK}`;',
        'export const MAY_CONCLUDE = `${EXISTS} AND ${IS_OPEN}`;',
      ),
    ],
    tests: STORE,
  },
  {
    name: 'the last outcome wins',
    promise: 5,
    edits: [
      edit(
        'shared/task/life-cycle.ts',
        "if (!hasEnded(record.status)) return 'open';",
        "if (record.status) return 'open';",
      ),
      edit(
        'shared/task/conditions.ts',
        'export const MAY_CONCLUDE = `${EXISTS} AND ${IS_OPEN} AND ${IS_SAME_PROVIDER_TASK}`;',
        'export const MAY_CONCLUDE = `${EXISTS} AND ${IS_SAME_PROVIDER_TASK}`;',
      ),
    ],
    tests: STORE,
  },
  {
    name: 'progress is noted after the end too',
    promise: 5,
    edits: [
      edit(
        'shared/task/conditions.ts',
        'AND #status IN (:pending, :status) AND progress <= :progress`',
        'AND progress <= :progress`',
      ),
    ],
    tests: STORE,
  },
  {
    name: 'a message that failed is acknowledged',
    promise: 5,
    edits: [
      edit(
        'functions/callback/handle-messages.ts',
        'return messages.slice(nth);',
        'return messages.slice(messages.length);',
      ),
    ],
    tests: images,
  },
  {
    name: 'an image is recorded and never put',
    promise: 6,
    edits: [edit(ARCHIVE, '  await put(archive, key, bytes, digest, inspection.contentType, signal);\n', '')],
    tests: images,
  },
  {
    name: 'an image’s name lacks its content’s hash (repair 15 undone)',
    promise: 5,
    edits: [edit(ARCHIVE, '/${index}-${hash}.${extension}`', '/${index}.${extension}`')],
    tests: images,
  },
  {
    name: 'a 5xx of an image host means gone',
    promise: 6,
    edits: [edit(FETCH, 'if (status >= 500 || passing.has(status))', 'if (passing.has(status))')],
    tests: images,
  },
  {
    name: 'a time-out of an image host means gone',
    promise: 6,
    edits: [
      edit(
        FETCH,
        "return { kind: 'passing', why: cause.code, cause };",
        "return { kind: 'lost', reason: 'gone', certain: true };",
      ),
    ],
    tests: images,
  },
  {
    name: 'a 404 is not asked about twice',
    promise: 6,
    edits: [edit(FETCH, 'certain: status === 410', 'certain: status >= 400')],
    tests: images,
  },
  {
    name: 'an empty answer is an image (repair 17 undone)',
    promise: 6,
    edits: [edit(FETCH, 'if (isWhole && body.length === 0)', 'if (isWhole && body.length < 0)')],
    tests: images,
  },
  {
    name: 'half an image is kept at once (repair 17 undone)',
    promise: 6,
    edits: [
      edit(
        ARCHIVE,
        'if (!keepsTruncated && isCutShort(inspection))',
        'if (!keepsTruncated && inspection.kind === "cut_short")',
      ),
    ],
    tests: images,
  },
  {
    name: 'a redirect is not followed',
    promise: 6,
    edits: [
      edit(
        FETCH,
        'const location = isRedirect(reply.status) && reply.headers.location;',
        'const location = isRedirect(reply.status) && undefined;',
      ),
    ],
    tests: images,
  },
  {
    name: 'a private address is asked',
    promise: 9,
    edits: [
      edit(
        FETCH,
        "if (target.kind === 'refused') return { kind: 'lost', reason: 'forbidden_address' };\n    const answer = await ask(target.url, rules, signal);",
        "const answer = await ask(target.kind === 'refused' ? new URL(next) : target.url, rules, signal);",
      ),
      edit(FETCH, 'URL.parse(location, target.url.href)', 'URL.parse(location, next)'),
    ],
    tests: images,
  },
  {
    name: 'what a host called gone in time is doubted for ever (repair 16 as it was first)',
    promise: 6,
    edits: [
      edit(
        IN_TIME,
        "reason === 'gone' && !notes.wasGone(urls[index]!)",
        "reason === 'gone' && urls[index] !== undefined",
      ),
      edit(IN_TIME, 'if (images.length === 0) throw', 'if (images.length < urls.length) throw'),
    ],
    tests: images,
  },
];
