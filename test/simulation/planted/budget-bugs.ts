/** Breakages of what is reserved, settled and charged. */
import { type Bug, edit } from './bug.ts';

const STORE = 'shared/task/store.ts';
const COUNTERS = 'shared/usage/counters.ts';
const SETTLED = 'return settling({ Update: settled }, settle(counters(), holder as Holder, charge));';
const BUDGETS = 11;
const tests = ['shared/task/reservations.test.ts', 'functions/submit/budgets.test.ts'];

export const budgetBugs: readonly Bug[] = [
  {
    name: 'nothing of a reservation is ever settled or released',
    promise: BUDGETS,
    edits: [edit(STORE, SETTLED, 'return settling({ Update: settled }, []);')],
    tests,
  },
  {
    name: 'the counters are settled by a write of their own, before the outcome',
    promise: BUDGETS,
    edits: [
      edit(
        STORE,
        SETTLED,
        `return (async () => {
      for (const { update: move } of settle(counters(), holder as Holder, charge))
        await client.send(new UpdateItemCommand(move));
      return settling({ Update: settled }, []);
    })();`,
      ),
      edit(STORE, 'GetItemCommand, type Update }', 'GetItemCommand, type Update, UpdateItemCommand }'),
    ],
    tests,
  },
  {
    name: 'the counters are settled by a write of their own, after the outcome',
    promise: BUDGETS,
    edits: [
      edit(
        STORE,
        SETTLED,
        `return (async () => {
      const written = await settling({ Update: settled }, []);
      for (const { update: move } of settle(counters(), holder as Holder, charge))
        if (written.kind === 'written') await client.send(new UpdateItemCommand(move));
      return written;
    })();`,
      ),
      edit(STORE, 'GetItemCommand, type Update }', 'GetItemCommand, type Update, UpdateItemCommand }'),
    ],
    tests: [...tests, 'simulation/services/table.test.ts'],
  },
  {
    name: 'a task is settled on the day on which it ends',
    promise: BUDGETS,
    edits: [
      edit(
        STORE,
        SETTLED,
        `const end = typeof set.completed === 'number' ? new Date(set.completed * 1000).toISOString() : undefined;
    const day = end?.slice(0, 10) ?? reservation.day;
    const late = { ...holder, reservation: { ...reservation, day } } as Holder;
    return settling({ Update: settled }, settle(counters(), late, charge));`,
      ),
    ],
    tests,
  },
  {
    name: 'a reservation is made without a look at the budget',
    promise: BUDGETS,
    edits: [edit(COUNTERS, "ConditionExpression: conditions.join(' AND '),", '')],
    tests,
  },
  {
    name: 'the budget is kept to one image too many',
    promise: BUDGETS,
    edits: [edit(COUNTERS, 'limit - (sums.get(unit) ?? 0)]', 'limit - (sums.get(unit) ?? 0) + 1]')],
    tests,
  },
  {
    name: 'a task that is opened again reserves nothing',
    promise: BUDGETS,
    edits: [
      edit(
        STORE,
        'const moves = reservation ? reserve(counters(), holder as Holder, hold) : [];',
        'const moves: CounterMove[] = [];',
      ),
    ],
    tests,
  },
  {
    name: 'the images at once are never free again',
    promise: BUDGETS,
    edits: [
      edit(
        COUNTERS,
        '...(reservation?.running ? [runningMove(table, owner, reservation.running, -asked.images)] : []),',
        '',
      ),
    ],
    tests,
  },
  {
    name: 'an ended task keeps its reservation',
    promise: BUDGETS,
    edits: [edit(STORE, "[...remove, 'reservation'],", 'remove,')],
    tests,
  },
  {
    name: 'a reservation that was made since the record was read is left behind',
    promise: BUDGETS,
    edits: [edit(STORE, '`${condition} AND ${conditions.HOLDS_NONE}`', 'condition')],
    tests,
  },
  {
    name: 'a reservation that another attempt made is settled as one’s own',
    promise: BUDGETS,
    edits: [edit(STORE, '`${condition} AND ${conditions.HOLDS_RESERVATION}`', 'condition')],
    tests,
  },
  {
    name: 'only the images that were kept are charged',
    promise: BUDGETS,
    edits: [
      edit(
        'functions/callback/outcome.ts',
        'const made = images.length + lost.length;',
        'const made = images.length;',
      ),
    ],
    tests: ['functions/callback/outcomes.test.ts'],
  },
  {
    name: 'a task that was given up costs nothing',
    promise: BUDGETS,
    edits: [
      edit(
        'functions/check/check.ts',
        "task.submission === 'refused' ? nothingCharged(task.asked) : assumedCharge(task.asked)",
        'nothingCharged(task.asked)',
      ),
      edit(
        'functions/check/check.ts',
        'import { assumedCharge, nothingCharged }',
        'import { nothingCharged }',
      ),
    ],
    tests: ['functions/check'],
  },
  {
    name: 'a replay is told that the budget is used up',
    promise: BUDGETS,
    edits: [
      edit(
        'shared/task/write.ts',
        'if (ofTask?.Code === FAILED) {',
        'if (ofTask?.Code === FAILED && ofMoves.every(({ Code }) => Code !== FAILED)) {',
      ),
    ],
    tests,
  },
];
