/** Breakages of how callers are told of an outcome. */
import { type Bug, edit } from './bug.ts';

const DELIVER = 'functions/deliver/deliver.ts';
const tests = ['functions/deliver', 'shared/webhooks'];

export const webhookBugs: readonly Bug[] = [
  {
    name: 'a webhook that failed is not tried again',
    promise: 7,
    edits: [edit(DELIVER, '  if (next) await send(next, next.due - now() / 1000);\n', '')],
    tests,
  },
  {
    name: 'a webhook is noted before its next attempt is queued',
    promise: 7,
    edits: [
      edit(DELIVER, '  if (next) await send(next, next.due - now() / 1000);\n', ''),
      edit(
        DELIVER,
        '  await note(dependencies, record, { message, attempted, startedMs, next });\n',
        '  await note(dependencies, record, { message, attempted, startedMs, next });\n  if (next) await send(next, next.due - now() / 1000);\n',
      ),
    ],
    tests,
  },
];
