/** Every planted bug. */

import { budgetBugs } from './budget-bugs.ts';
import type { Bug } from './bug.ts';
import { handOverBugs } from './hand-over-bugs.ts';
import { ledgerBugs } from './ledger-bugs.ts';
import { outcomeBugs } from './outcome-bugs.ts';
import { submitBugs } from './submit-bugs.ts';
import { webhookBugs } from './webhook-bugs.ts';

export const bugs: readonly Bug[] = [
  ...submitBugs,
  ...outcomeBugs,
  ...ledgerBugs,
  ...handOverBugs,
  ...webhookBugs,
  ...budgetBugs,
];
