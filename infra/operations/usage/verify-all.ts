/** Verifies the whole usage table against the whole tasks table, and mends what can be mended. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { recount } from './recount.ts';
import { repair } from './repair.ts';
import { readStoredUsage } from './stored-usage.ts';
import { type Difference, type Verification, verify } from './verify.ts';

export interface UsageTables {
  readonly tasks: string;
  readonly usage: string;
  /** The metadata that has rows of its own. */
  readonly names: readonly string[];
}

/** @returns what was found before the repair, and how many rows were repaired */
export async function verifyAll(
  client: DynamoDBClient,
  { tasks, usage, names }: UsageTables,
  isRepaired: boolean,
): Promise<{ verification: Verification; repaired: number }> {
  const stored = await readStoredUsage(client, usage);
  const verification = verify(stored, await recount(client, tasks, names), Date.now() / 1000);
  const repaired = isRepaired ? await repair(client, usage, verification.differences) : 0;
  return { verification, repaired };
}

const notes: Readonly<Record<Difference['kind'], string>> = {
  repairable: 'with --repair it is added',
  'on its way': 'may still come: verify again, a day after the last of its tasks has ended',
  'records gone': 'the ledger knows of more tasks than there are records; it is left as it is',
  counter: 'of a budget or a limit; verify again when nothing is being submitted',
};

export function wordsOf({ tasks, rows, unverifiable, differences }: Verification, repaired: number): string {
  return [
    `${tasks} tasks, ${rows} rows of the ledger: ${differences.length === 0 ? 'all equal' : `${differences.length} differ`}`,
    ...(unverifiable > 0
      ? [`${unverifiable} rows of days whose records are being deleted: not verified`]
      : []),
    ...differences.map(
      ({ owner, entry, missing, kind }) =>
        `  ${owner}  ${entry}  ${Object.entries(missing)
          .map(([name, figure]) => `${name} ${figure > 0 ? '+' : ''}${figure}`)
          .join(', ')}  (${notes[kind]})`,
    ),
    ...(repaired > 0 ? [`${repaired} rows were repaired`] : []),
  ].join('\n');
}
