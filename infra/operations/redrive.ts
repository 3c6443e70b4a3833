/**
 * `npm run redrive -- <outputs file> [--go] [--endpoint URL] [--json]`: shows the dead letters, and with `--go` puts them back.
 * The file is what `npx cdk deploy --outputs-file <outputs file>` wrote; account and region are those that the AWS
 * environment names, or an emulator's at the endpoint. Ends with 0, with 1 when a place failed, with 2 when called wrongly.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsAt } from './aws-at.ts';
import { type Place, placesOf, tablesOf } from './redrive-places.ts';
import { move, queued } from './redrive-queues.ts';
import { recountReports } from './redrive-recount.ts';
import { republish } from './redrive-republish.ts';

interface Row {
  readonly name: string;
  readonly queued: number;
  /** With `--go`: how many are back. */
  readonly moved?: number;
  /** Of the unpublished reports: how many tasks' events were republished. */
  readonly tasks?: number;
  /** Of the uncounted reports: how many rows of the ledger were mended. */
  readonly rows?: number;
  readonly error?: string;
}

/** One place's failure is a line of the table and keeps no other from going back. */
async function rowOf(place: Place, go: boolean): Promise<Row> {
  const row = { name: place.name, queued: 0 };
  try {
    row.queued = await queued(clients.sqs, place.from);
    // Emptied even when nothing is said to be queued: the figure may be a minute old.
    return go ? { ...row, ...(await ways[place.way](place)) } : row;
  } catch (error) {
    return { ...row, error: error instanceof Error ? error.message : String(error) };
  }
}

function table(rows: readonly Row[], go: boolean): string {
  const line = (name: string, queued: string, moved: string, note = '') =>
    `${name.padEnd(22)}${queued.padStart(8)}${go ? moved.padStart(8) : ''}  ${note}`.trimEnd();
  const noteOf = ({ error, tasks, rows: mended }: Row) => {
    const done = tasks === undefined ? '' : `${tasks} events republished`;
    return error ?? (mended === undefined ? done : `${mended} rows of the ledger mended`);
  };
  return [
    line('dead letters', 'queued', 'moved'),
    ...rows.map((row) => line(row.name, String(row.queued), String(row.moved ?? '–'), noteOf(row))),
  ].join('\n');
}

const usage = 'Usage: npm run redrive -- <outputs file of cdk deploy> [--go] [--endpoint URL] [--json]';

async function called() {
  try {
    const options = {
      endpoint: { type: 'string' },
      go: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file, ...more] = positionals;
    if (!file || more.length > 0) throw new Error('There must be one outputs file');
    const outputs = await readFile(file, 'utf8');
    return { ...values, aws: awsAt(values.endpoint), places: placesOf(outputs), tables: tablesOf(outputs) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return process.exit(2);
  }
}

const { go, json, places, tables, aws } = await called();
const clients = { sqs: new SQSClient(aws), dynamodb: new DynamoDBClient(aws) };
const ways = {
  move: async ({ from, to }: Place) => ({ moved: await move(clients.sqs, from, to) }),
  republish: ({ from, to }: Place) => republish(clients, from, to),
  recount: ({ from }: Place) => recountReports(clients, from, tables, Date.now() / 1000),
};
const rows = await Promise.all(places.map((place) => rowOf(place, go)));
console.log(json ? JSON.stringify(rows) : table(rows, go));
if (!go && !json && rows.some((row) => row.queued > 0)) console.log('\nWith --go they are put back.');
process.exitCode = rows.some(({ error }) => error) ? 1 : 0;
