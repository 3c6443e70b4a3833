/**
 * List prices of us-east-1, in USD, without free tiers and volume discounts. Checked on PRICES_OF against stored copies and
 * third-party quotations of AWS's pricing pages, which have no date of their own: check them there before you rely on them.
 */

export const PRICES_OF = '2026-11-24';

export interface Price {
  /** For one of its unit. */
  readonly usd: number;
  readonly per: string;
  /** AWS's page. */
  readonly source: string;
}

const MILLION = 1e6;
const GB = 2 ** 30;
const MONTH_HOURS = 730;

export const prices = {
  httpApi: {
    usd: 1 / MILLION,
    per: 'request of up to 512 kB',
    source: 'Amazon API Gateway pricing, HTTP APIs',
  },
  lambdaRequest: { usd: 0.2 / MILLION, per: 'request', source: 'AWS Lambda pricing' },
  lambdaSecond: { usd: 0.0000133334, per: 'GB-second, Arm', source: 'AWS Lambda pricing' },
  sqsStandard: {
    usd: 0.4 / MILLION,
    per: 'request of up to 64 kB',
    source: 'Amazon SQS pricing, standard queues',
  },
  sqsFifo: { usd: 0.5 / MILLION, per: 'request of up to 64 kB', source: 'Amazon SQS pricing, FIFO queues' },
  writeUnit: {
    usd: 0.625 / MILLION,
    per: 'write request unit (1 kB)',
    source: 'Amazon DynamoDB pricing, on-demand',
  },
  readUnit: {
    usd: 0.125 / MILLION,
    per: 'read request unit (4 kB)',
    source: 'Amazon DynamoDB pricing, on-demand',
  },
  event: { usd: 1 / MILLION, per: 'custom event of up to 64 kB', source: 'Amazon EventBridge pricing' },
  archivedByte: { usd: 0.1 / GB, per: 'byte archived', source: 'Amazon EventBridge pricing, archive' },
  s3Put: { usd: 0.005 / 1000, per: 'PUT', source: 'Amazon S3 pricing, S3 Standard' },
  s3Get: { usd: 0.0004 / 1000, per: 'GET', source: 'Amazon S3 pricing, S3 Standard' },
  logByte: { usd: 0.5 / GB, per: 'byte ingested', source: 'Amazon CloudWatch pricing, logs' },
  trace: { usd: 5 / MILLION, per: 'trace recorded', source: 'AWS X-Ray pricing' },
  secretRead: { usd: 0.05 / 10_000, per: 'GetSecretValue', source: 'AWS Secrets Manager pricing' },
  transition: { usd: 0.025 / 1000, per: 'state transition', source: 'AWS Step Functions pricing, Standard' },
  expressRequest: { usd: 1 / MILLION, per: 'request', source: 'AWS Step Functions pricing, Express' },
  expressSecond: { usd: 0.00001667, per: 'GB-second', source: 'AWS Step Functions pricing, Express' },
} as const satisfies Record<string, Price>;

/** What is paid by the month, whatever comes. */
export const monthly = {
  alarm: { usd: 0.1, per: 'alarm', source: 'Amazon CloudWatch pricing, alarms' },
  metric: { usd: 0.3, per: 'custom metric', source: 'Amazon CloudWatch pricing, metrics' },
  secret: { usd: 0.4, per: 'secret', source: 'AWS Secrets Manager pricing' },
  s3Gigabyte: { usd: 0.023, per: 'GB in S3 Standard', source: 'Amazon S3 pricing' },
  dynamoDbGigabyte: { usd: 0.25, per: 'GB in a table', source: 'Amazon DynamoDB pricing' },
  logGigabyte: { usd: 0.03, per: 'GB of logs, compressed', source: 'Amazon CloudWatch pricing, logs' },
} as const satisfies Record<string, Price>;

/** Lambda keeps five pollers at a queue, each of which asks for 20 s (Lambda developer guide, "SQS"). */
export const emptyReceivesAMonth = (5 * (MONTH_HOURS * 3600)) / 20;
