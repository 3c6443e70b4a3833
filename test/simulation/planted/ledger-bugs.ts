/** Breakages of what keeps the ledger the sum over the tasks, and of what is told of budgets. */
import { type Bug, edit } from './bug.ts';

const KEEP = 'functions/ledger/keep-ledger.ts';
const CHUNKS = 'functions/ledger/chunks.ts';
const STORE = 'functions/ledger/store.ts';
const CONTRIBUTION = 'shared/usage/contribution.ts';
const ANNOUNCE = 'functions/ledger/announce-thresholds.ts';
const ledger = ['functions/ledger', 'functions/usage', 'shared/usage'];

export const ledgerBugs: readonly Bug[] = [
  {
    name: 'the ledger’s checkpoint is not looked at',
    promise: 12,
    edits: [edit(KEEP, 'from === undefined || sequence > from', 'from === undefined || sequence !== from')],
    tests: ledger,
  },
  {
    name: 'the ledger’s checkpoint is moved by whoever comes',
    promise: 12,
    edits: [
      edit(
        STORE,
        "ConditionExpression: from === undefined ? 'attribute_not_exists(#sequence)' : '#sequence = :from',",
        "ConditionExpression: 'attribute_not_exists(#sequence) OR #sequence <> :to',",
      ),
    ],
    tests: ledger,
  },
  {
    name: 'the old image is ignored',
    promise: 12,
    edits: [
      edit(
        CHUNKS,
        'if (before) sums.add(rowsOf(before, names), -1);',
        'if (!after) sums.add(rowsOf(before!, names), -1);',
      ),
    ],
    tests: ledger,
  },
  {
    name: 'a refusal leaves its reservation in the ledger',
    promise: 12,
    edits: [
      edit(
        CONTRIBUTION,
        'ended || isRefused ? notCharged(asked, ended) : 0',
        'ended ? notCharged(asked, ended) : 0',
      ),
    ],
    tests: ledger,
  },
  {
    name: 'a fault of the ledger is swallowed',
    promise: 12,
    edits: [
      edit(
        KEEP,
        'if (await areWritten(store, shardId, from, chunksOf(rest, names))) return;',
        'if (await areWritten(store, shardId, from, chunksOf(rest, names)).catch(() => true)) return;',
      ),
    ],
    tests: ledger,
  },
  {
    name: 'a threshold is noted before it is told',
    promise: 12,
    edits: [
      edit(
        ANNOUNCE,
        'if (news.length === 0) continue;',
        'if (news.length === 0) continue;\n    await budgets.noteTold(owner, day, news.map(({ mark }) => mark));',
      ),
    ],
    tests: ledger,
  },
];
