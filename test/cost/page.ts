/** docs/cost.md, from the prices and the records. */
import { alternatives, GENERATION_SECONDS } from './alternatives.ts';
import { assumed, billOf, durationMs, total, WHOLE_PROCESSOR_MB } from './bill.ts';
import type { Measured } from './measure.ts';
import type { Used } from './meter.ts';
import { emptyReceivesAMonth, monthly, PRICES_OF, type Price, prices } from './prices.ts';
import type { CostRecord } from './records.ts';

export function costPage(records: readonly CostRecord[]): string {
  const now = records.at(-1)!;
  return [
    head(now),
    billTable(now),
    burst(now),
    durations(now.cases[0]!, now.cases[1]!),
    requestTable(now),
    cuts(records),
    others(now),
    flood(now.forged),
    standing(now),
    storage(),
    notDone,
    priceTable(),
  ].join('\n');
}

const usd = (amount: number): string => amount.toFixed(2);
const millions = (amount: number): string => (amount < 10 ? amount.toFixed(1) : amount.toFixed(0));

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line), ''].join('\n');
}

const head = ({ date, cases }: CostRecord): string => `# What a task costs

\`npm run cost\` writes this page: it counts on the local cloud what a task asks of AWS and prices it with a table of list prices
(us-east-1, ${PRICES_OF}, without free tiers). Counted on ${date}. No test has run against a real account, and no bill was seen.

**${usd(total(billOf(cases[0]!, cases[0]!.used)))} USD a million tasks with one image, ${usd(total(billOf(cases[1]!, cases[1]!.used)))} with four** (${usd(4e6 * prices.s3Put.usd)} of it the four PUTs),
at a provider that calls back, when no task shares a request with another one. Of that, ${usd(lambdaSeconds(cases[0]!))} and ${usd(lambdaSeconds(cases[1]!))} are seconds of
Lambda, which rest on assumptions about how long providers take; the rest is requests. Storage and what is paid by the month come below.

A task is submitted with an \`Idempotency-Key\` and a prompt of some 200 characters to instances that are warm, and is read by nobody: what callers,
this command and the demo read is not counted. Each number of requests is the same in every run; a test counts them again
(\`test/system/main-job.test.ts\`), so they do not rise unseen.
`;

const lambdaSeconds = (one: Measured): number => billOf(one, one.used)['Lambda, GB-seconds']!;

function billTable({ cases }: CostRecord): string {
  const bills = cases.map((one) => billOf(one, one.used));
  const services = Object.keys(bills[0]!);
  const rows = services.map((service) => [service, ...bills.map((bill) => usd(bill[service]!))]);
  const sums = ['**together**', ...bills.map((bill) => `**${usd(total(bill))}**`)];
  return `## A million tasks, in USD\n\n${table(['', ...cases.map(({ name }) => name)], [...rows, sums])}
Vtrix offers no callback: its task is read once here, and each further status read (a task of half a minute needs about two more) adds
${usd(readAgain(cases[2]!))}. An Idempotency-Key costs one consistent read, ${usd(1e6 * prices.readUnit.usd)}. Reads of the stream by Lambda, and events that a rule hands to a
queue of the same account, are free. Keys and secrets are remembered by an instance for a minute and for five, and are not a task's cost. Usage is added up
once a minute for all tasks together, which is not in the table ([usage](usage.md#what-it-costs)). With
\`eventArchiveDays\` an event's kilobyte or two are archived for ${usd(2 * 2048 * prices.archivedByte.usd * 1e6)}; with \`tracing\` every invocation is a trace,
${usd(1e6 * prices.trace.usd)} each. Both are off.
`;
}

/** What Lambda's three lines, two of ours and a metric take. */
const READ_LOG_BYTES = 900;

/** A timer that is received and sent on, a record that is read, and the provider's answer; alone. */
function readAgain({ functions }: Measured): number {
  const { memoryMb, processorMs, invocations } = functions.Check!;
  const ms =
    assumed.statusRead + 2 * assumed.request + (processorMs / invocations) * (WHOLE_PROCESSOR_MB / memoryMb);
  const once =
    3 * prices.sqsStandard.usd +
    prices.lambdaRequest.usd +
    prices.readUnit.usd +
    (memoryMb / 1024) * (ms / 1000) * prices.lambdaSecond.usd +
    READ_LOG_BYTES * prices.logByte.usd;
  return 1e6 * once;
}

function burst({ burst: { tasks, used }, cases }: CostRecord): string {
  const one = cases[0]!;
  const [alone, together] = [billOf(one, one.used), billOf(one, used)];
  const less = Object.keys(alone).filter((service) => alone[service]! - together[service]! >= 0.005);
  const rows = less.map((service) => [service, usd(alone[service]!), usd(together[service]!)]);
  return `### When tasks come together

Timers are sent and received in tens, checked in batches of up to a hundred, and changes are published in batches of up to fifty. Of ${tasks} tasks (${one.name}),
twenty at a time, one cost **${usd(total(together))}**; how much is shared depends on how they come, so this figure is measured and not tested.

${table(['', 'alone', 'together'], rows)}`;
}

function durations(one: Measured, four: Measured): string {
  const names = [...new Set([...Object.keys(one.functions), ...Object.keys(four.functions)])];
  const cell = (measured: Measured, fn: string) => {
    const use = measured.functions[fn];
    return use ? `${durationMs(fn, use, measured.name).toFixed(0)} ms (${use.processorMs})` : '–';
  };
  const rows = names.map((fn) => [fn, `${one.functions[fn]?.memoryMb} MB`, cell(one, fn), cell(four, fn)]);
  return `### How long a function takes is partly assumed

A duration is what the function waits and what it works. Waiting is assumed: ${assumed.create} ms for the provider's answer to a create, ${assumed.statusRead} ms
to a status read, ${assumed.image} ms for the images of a task (2.5 MB each, at the same time), ${assumed.put} ms for putting them, ${assumed.webhook} ms for a caller's server, ${assumed.request} ms for any
other request to AWS. Work is measured here, as time of one processor (in brackets), of which a function with ${WHOLE_PROCESSOR_MB} MB has one and a smaller
one its part. TLS is not in it, nor are cold starts. A tenth of a second more for the create is ${usd(tenth('Submit', one))} USD, for the images ${usd(tenth('Callback', one))}.

${table(['', 'memory', one.name, four.name], rows)}`;
}

const tenth = (fn: string, { functions }: Measured): number =>
  1e6 * (functions[fn]!.memoryMb / 1024) * 0.1 * prices.lambdaSecond.usd;

function requestTable({ cases }: CostRecord): string {
  const units = [...new Set(cases.flatMap(({ used }) => Object.keys(used)))].sort();
  const rows = units.map((unit) => [`\`${unit}\``, ...cases.map(({ used }) => String(used[unit] ?? '–'))]);
  return `## What one task asks for

${table(['', ...cases.map(({ name }) => name)], rows)}
\`SQS.fifo\` are those of the requests to SQS that go to the callbacks queue. \`DynamoDB.writeUnits\` are kilobytes of records, each write rounded
up; a read is consistent, and a unit is 4 kB. Log lines are Lambda's own three of each invocation and ours, with the 26 bytes that CloudWatch adds to
each; the access log comes beside them, with some 250 bytes a request.

${withBudget(cases)}`;
}

/** What a budget adds to a task: the last case beside the first one. */
function withBudget(measured: readonly Measured[]): string {
  const [without, budgeted] = [measured[0]!, measured.at(-1)!];
  const units = [...new Set([without, budgeted].flatMap(({ used }) => Object.keys(used)))].sort();
  const rows = units
    .map((unit) => [unit, without.used[unit] ?? 0, budgeted.used[unit] ?? 0] as const)
    .filter(([unit, a, b]) => a !== b && unit !== 'logs.bytes')
    .map(([unit, a, b]) => [`\`${unit}\``, String(a), String(b)]);
  const [a, b] = [total(billOf(without, without.used)), total(billOf(budgeted, budgeted.used))];
  return `### With and without budgets

A key without limits, of an owner without a budget, costs nothing more than before there were any. With a budget, and a limit on images at once, the budget is
read and the counters move in the transactions that write the record, of which each item is paid twice: ${usd(b - a)} USD a million.

${table(['', 'without', 'with'], [...rows, ['USD a million', usd(a), usd(b)]])}`;
}

function cuts(records: readonly CostRecord[]): string {
  const now = records.at(-1)!;
  const of = (record: CostRecord, nth: number) => {
    const functions = withMemoryOf(record.cases[nth]!, now.cases[nth]!);
    return billOf({ ...record.cases[nth]!, functions }, record.cases[nth]!.used);
  };
  const rows = records.map((record, nth) => {
    const figures = [0, 1, 2, 3].map((one) => {
      const now = total(of(record, one));
      const before = nth > 0 ? total(of(records[nth - 1]!, one)) : now;
      const change = now - before;
      return `${usd(now)}${Math.abs(change) < 0.005 ? '' : ` (${change > 0 ? '+' : '−'}${usd(Math.abs(change))})`}`;
    });
    return [record.date, record.what, ...figures];
  });
  const names = records[0]!.cases.slice(0, 4).map(({ name }) => name);
  return `## What was cut

Requests, units, bytes and memory were measured when each row was made. All rows are priced with the present table, and with the durations that the functions have now:
what a busy machine measures of the work differs by a tenth from one day to the next.

Cut before the first row, and not measured again: tracing, off unless \`tracing\` is set (a trace for each of a task's five invocations, ${usd(5e6 * prices.trace.usd)}); timers
sent by \`publish\`, ten in a request, where a rule of the bus sent each (${usd(1e6 * prices.sqsStandard.usd)} and ${usd(1e5 * prices.sqsStandard.usd)} when tasks come together); checks of up to a hundred timers
at once (${usd(1e6 * prices.lambdaRequest.usd)} and ${usd(1e4 * prices.lambdaRequest.usd)}).

${table(['date', 'what was changed', ...names], rows)}`;
}

/** The functions as they work now, with the memory that they had. */
const withMemoryOf = (before: Measured, now: Measured): Measured['functions'] =>
  Object.fromEntries(
    Object.entries(now.functions).map(([fn, use]) => [
      fn,
      { ...use, memoryMb: before.functions[fn]?.memoryMb ?? use.memoryMb },
    ]),
  );

function others(now: CostRecord): string {
  const bill = billOf(now.cases[0]!, now.cases[0]!.used);
  const rows = alternatives(bill).map(({ name, usd: cost, how }) => [name, millions(cost), how]);
  return `## The same task otherwise

One image, ${GENERATION_SECONDS} s at its provider. What all share (the request, the records, the image, the events, the logs) is taken from our own bill, where the
callback's queue and the overdue timer are left out. A provider's time is its own: a poll that comes every five seconds is also up to five seconds late.

${table(['', 'USD a million', 'how'], [['Wanhook', millions(total(bill)), 'a callback, and one overdue timer'], ...rows])}`;
}

function flood(forged: Measured): string {
  const bill = billOf(forged, forged.used);
  const rows = Object.entries(bill).filter(([, cost]) => cost >= 0.005);
  const asked = Object.entries(forged.used as Used).map(([unit, count]) => `${count} \`${unit}\``);
  return `## A flood of forged callbacks

A forged callback is a request, a message and a short run of \`callback\`, which finds its signature wrong: nothing is read or written. It asks for
${asked.join(', ')}. A million of them cost **${usd(total(bill))} USD**:

${table(
  ['', 'USD'],
  rows.map(([service, cost]) => [service, usd(cost)]),
)}
The ingress takes \`callbacksPerSecond\` (100 unless it is set), so a flood costs at most ${usd((total(bill) * 100 * 86_400) / 1e6)} USD a day; what it refuses with 429 is not charged
(API Gateway pricing). The signature is checked before the body is looked at, so a larger one costs more only in requests to SQS, one for every 64 kB.
`;
}

function standing({ standing: { alarms, metrics, secrets, polledQueues } }: CostRecord): string {
  const polls =
    emptyReceivesAMonth *
    (polledQueues.standard * prices.sqsStandard.usd + polledQueues.fifo * prices.sqsFifo.usd);
  const rows: [string, number][] = [
    [`${alarms} alarms`, alarms * monthly.alarm.usd],
    [
      `${metrics} custom metrics (each combination of dimensions is one; more where something goes wrong)`,
      metrics * monthly.metric.usd,
    ],
    [`${secrets} secrets`, secrets * monthly.secret.usd],
    [
      `empty receives: five pollers at each of ${polledQueues.standard + polledQueues.fifo} queues, every 20 s`,
      polls,
    ],
  ];
  return `## By the month, whatever comes

${table(
  ['', 'USD'],
  rows.map(([what, cost]) => [what, usd(cost)]),
)}
Metrics of the HTTP API's routes are charged as custom metrics too, for each route that is used. Lambda's own, SQS's and DynamoDB's are free.
`;
}

function storage(): string {
  const image = 2.5e-3;
  return `## Storage

An image of 2.5 MB costs ${usd(1e6 * image * monthly.s3Gigabyte.usd)} USD a month for a million of them, until it is deleted (\`imageRetentionDays\`): after a month, more than everything above. A record of a
kilobyte or two, kept for 90 days, ${usd(2e-6 * 1e6 * monthly.dynamoDbGigabyte.usd)} a month; its backups as much again. Logs of 30 days, some ${usd(3.5e-6 * 1e6 * 0.15 * monthly.logGigabyte.usd)}. A caller that opens an image pays
${usd(1e6 * prices.s3Get.usd)} a million GETs and what the internet costs.
`;
}

const notDone = `## What was not cut, and why

- **The acceptance as a write of its own** (0.63). Without it a task whose callback is lost could not be read, and a foreign callback not be told
  ([acceptances](decisions/acceptances.md)).
- **The read before the archive** (0.13). The verdict on a callback needs the record before images are fetched; one that ended is not fetched again.
- **A standard queue for callbacks** (0.30). The order of a task's callbacks decides its outcome ([callback-order](decisions/callback-order.md)).
- **The event of a new task** (1.00). It is in the contract ([events](events.md)).
- **Lambda's own lines** (START, END, REPORT: about half of the bytes of logs). With the JSON log format they can be switched off, and with them the only
  place that says how much memory an invocation used. How that format treats metrics in our lines could not be tried here.
- **The log class Infrequent Access** (half the price): it reads no metrics from log lines, and ours are there.
- **Smaller records.** With this prompt a record has some 1,100 bytes at its end, so its last write is two units; a prompt that is a hundred characters
  shorter gives 0.63 back. Names that a person can read in the table are worth more.
- **The read that an Idempotency-Key costs** (0.13). It tells a repeated request from a new one before limits are counted and images are fetched.
- **One of the two ways of an acceptance at Vtrix** (0.63). With the queue alone a flood in it would hide the task from its first status read; with the
  write alone a death of \`submit\` would lose it ([acceptances](decisions/acceptances.md)).
- **Fewer MB for \`callback\`**: it holds four images of the largest size at once ([function-memory](decisions/function-memory.md)).
`;

function priceTable(): string {
  const line = ([name, { usd: price, per, source }]: [string, Price]) => [
    `\`${name}\``,
    String(Number((price * 1e6).toPrecision(6))),
    per,
    source,
  ];
  const perMonth = ([name, { usd: price, per, source }]: [string, Price]) => [
    `\`${name}\``,
    `${price} a month`,
    per,
    source,
  ];
  return `## Prices

List prices of us-east-1, checked on ${PRICES_OF} against stored copies and quotations of AWS's pricing pages (\`test/cost/prices.ts\`). Look there again before you rely on them.

${table(['', 'USD for a million', 'of', 'source'], Object.entries(prices).map(line))}
${table(['', 'USD', 'for one', 'source'], Object.entries(monthly).map(perMonth))}`;
}
