/** Turns what was counted into money: what a million tasks cost, by service. */
import type { FunctionUse, Measured } from './measure.ts';
import type { Used } from './meter.ts';
import { prices } from './prices.ts';

/** What nobody could measure without AWS: how long the others take. Milliseconds. */
export const assumed = {
  /** The provider's answer to a create. */
  create: 500,
  /** The provider's answer to a status read. */
  statusRead: 200,
  /** An image on its way from the provider's host; those of a task come at the same time. */
  image: 500,
  /** The caller's server, for a webhook. */
  webhook: 200,
  /** Putting an image into the bucket, those of a task at the same time. */
  put: 50,
  /** Every other request of a function to AWS, one after another. */
  request: 10,
} as const;

/** Lambda gives a whole processor at so many MB, and in proportion below (Lambda developer guide, "memory"). */
export const WHOLE_PROCESSOR_MB = 1769;
/** A line of the access log (infra/constructs/http-ingress.ts), with what CloudWatch adds to each event. */
const ACCESS_LOG_BYTES = 250;

/** USD for a million tasks, by service. */
export type Bill = Readonly<Record<string, number>>;

/** @param used the requests of one task; with the functions' own of a task that is alone */
export function billOf({ functions, name }: Measured, used: Used): Bill {
  const count = (unit: string) => used[unit] ?? 0;
  const sqs = Object.entries(used)
    .filter(([unit]) => /^SQS\.[A-Z]/.test(unit))
    .reduce((sum, [, requests]) => sum + requests, 0);
  const seconds = Object.entries(functions).map(([fn, use]) => gigabyteSeconds(fn, use, name));
  const logged = count('logs.bytes') + count('ApiGateway.Request') * ACCESS_LOG_BYTES;
  const bill = {
    'API Gateway': count('ApiGateway.Request') * prices.httpApi.usd,
    'Lambda, requests': count('Lambda.Invoke') * prices.lambdaRequest.usd,
    'Lambda, GB-seconds': sum(seconds) * prices.lambdaSecond.usd,
    'SQS, FIFO': count('SQS.fifo') * prices.sqsFifo.usd,
    'SQS, standard': (sqs - count('SQS.fifo')) * prices.sqsStandard.usd,
    'DynamoDB, writes of the tables': count('DynamoDB.writeUnits') * prices.writeUnit.usd,
    'DynamoDB, writes of the index': count('DynamoDB.indexWriteUnits') * prices.writeUnit.usd,
    'DynamoDB, reads': count('DynamoDB.readUnits') * prices.readUnit.usd,
    EventBridge: count('events') * prices.event.usd,
    'S3, PUT': count('S3.PutObject') * prices.s3Put.usd,
    'CloudWatch, logs': logged * prices.logByte.usd,
  };
  return Object.fromEntries(Object.entries(bill).map(([service, usd]) => [service, usd * 1e6]));
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
export const total = (bill: Bill): number => sum(Object.values(bill));

/** Of one task. */
export function gigabyteSeconds(fn: string, use: FunctionUse, name = ''): number {
  return (use.memoryMb / 1024) * (durationMs(fn, use, name) / 1000);
}

/** Of one task: waiting for others, and work, which takes the longer the less of a processor there is. */
export function durationMs(fn: string, { memoryMb, processorMs, requests }: FunctionUse, name = ''): number {
  const puts = requests['S3.PutObject'] ?? 0;
  const others = sum(Object.values(requests)) - puts;
  const waits = waitsOf(fn, name, requests) + (puts > 0 ? assumed.put : 0) + others * assumed.request;
  return waits + processorMs * (WHOLE_PROCESSOR_MB / memoryMb);
}

function waitsOf(fn: string, name: string, requests: Used): number {
  if (fn === 'Submit') return assumed.create;
  if (fn === 'Callback') return requests['S3.PutObject'] ? assumed.image : 0;
  if (fn === 'Deliver') return assumed.webhook;
  return fn === 'Check' && name.startsWith('Vtrix') ? assumed.statusRead : 0;
}
