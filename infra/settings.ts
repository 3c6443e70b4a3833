/**
 * Deploy-time settings: the `wanhook` object in cdk.json's context (or `-c wanhook='{…}'`).
 * An unknown name or an impossible value stops the synthesis with a message, before anything is deployed.
 */
import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { firstReadSeconds, forEachProvider, modelNames } from '../shared/providers/definitions.ts';
import { isCurrency } from '../shared/usage/money.ts';

const Cidr = z
  .string()
  .refine((range) => ipaddr.isValidCIDR(range), 'must be a CIDR range, like 10.1.0.0/16');
const BaseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''));

const PricePerImage = z
  .number()
  .min(0)
  .max(1_000_000)
  .refine((amount) => Number((amount * 1e6).toFixed(3)) % 1 === 0, 'must have at most six decimals');
const Price = z.strictObject({
  amount: PricePerImage,
  currency: z.string().refine(isCurrency, 'must be the code of a currency, like USD, or credits'),
  sizes: z
    .record(z.string(), PricePerImage)
    .refine(
      (sizes) => Object.keys(sizes).every((size) => /^\d+[x*]\d+$/.test(size)),
      'must be sizes, like 1280*1280',
    )
    .refine((sizes) => Object.keys(sizes).length <= 10, 'must have at most 10 sizes')
    .optional(),
});

const Origin = z
  .string()
  .regex(
    /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/,
    'must be an origin, like https://app.example.com: no path, no slash at its end, no pattern',
  );

const Domain = z.strictObject({
  /** Its DNS record has to point to the output `DnsTarget`. */
  name: z
    .string()
    .max(253)
    .regex(
      /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
      'must be a domain name, like api.example.com',
    ),
  /** In the stack's own region, or in us-east-1 with a `webAclArn`. */
  certificateArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
      'must be the ARN of a certificate in ACM, like arn:aws:acm:eu-central-1:123456789012:certificate/…',
    ),
});

/** The functions, as `reservedConcurrency` names them. */
export const functionNames = [
  'submit',
  'tasks',
  'publish',
  'callback',
  'check',
  'deliver',
  'retry',
  'webhooks',
  'ledger',
  'usage',
  'openapi',
  'page',
  'sweep',
] as const;
export type FunctionName = (typeof functionNames)[number];

const Reserved = z.int().min(1).max(10_000).optional();

const Plain = z.strictObject({
  /** Tells several deployments in one account and region apart: stack, bus and metrics carry it in their names. */
  stage: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{0,19}$/,
      'must be 1 to 20 lowercase letters, digits and hyphens, and begin with a letter',
    )
    .optional(),
  /** Where the providers answer, by name. */
  providerBaseUrls: z
    .strictObject(forEachProvider((_, { baseUrl }) => BaseUrl.default(baseUrl)))
    .prefault({}),
  /** The address that providers and callers see, when it is not the API’s own (a proxy of yours). */
  publicUrl: BaseUrl.optional(),
  /** The domain that callers and providers see. */
  domain: Domain.optional(),
  /** A web ACL of WAF: with it the domain leads to a CloudFront distribution that the ACL guards. CloudFront's are in us-east-1. */
  webAclArn: z
    .string()
    .regex(
      /^arn:aws:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]+\/[\w-]+$/,
      'must be the ARN of a web ACL for CloudFront, like arn:aws:wafv2:us-east-1:123456789012:global/webacl/…/…',
    )
    .optional(),
  /** Web pages of these origins may call the API from a browser. The page at `/` needs none. */
  corsOrigins: z.array(Origin).max(100).default([]),
  /** Days that a task's record is kept; one that counted against a budget or a limit on images at once, 16 days at least. */
  retentionDays: z.int().min(1).max(3650).default(90),
  /** On for the one update that replaces the index of a deployment from before (docs/decisions/task-index.md). */
  keepFormerIndex: z.boolean().default(false),
  /** Days that an image link in `results` works; every read of the task makes fresh ones. */
  imageLinkDays: z.int().min(1).max(365).default(7),
  /** Days that images are kept in the bucket; for ever unless it is set. */
  imageRetentionDays: z.int().min(1).max(36_500).optional(),
  logRetentionDays: z
    .union([1, 3, 5, 7, 14, 30, 60, 90, 180, 365].map((days) => z.literal(days)))
    .default(30),
  /** Result images may come over plain http too; input images always may. For tests and private networks. */
  allowHttpImages: z.boolean().default(false),
  /** Reserved address ranges that images may be fetched from after all. */
  allowedImageRanges: z.array(Cidr).default([]),
  /** Reserved address ranges that callers' webhooks may be sent to after all. */
  allowedWebhookRanges: z.array(Cidr).default([]),
  /** Webhooks may go to a loopback address over plain http too. For a developer's machine. */
  allowLoopbackWebhooks: z.boolean().default(false),
  /** The most batches of ten webhooks that are attempted for the first time at once. */
  webhookConcurrency: z.int().min(2).max(1000).default(100),
  /** The same for retries: receivers that hang take up no more than these. */
  webhookRetryConcurrency: z.int().min(2).max(1000).default(50),
  /** The most callbacks that are handled at once; the others wait in their queue, and leave room for callers' requests. */
  callbackConcurrency: z.int().min(2).max(1000).default(200),
  /** The most batches of timers that are handled at once, for each of the two queues. */
  checkConcurrency: z.int().min(2).max(1000).default(20),
  /**
   * The most callbacks a second, as an average over bursts of ten times as many. A provider repeats what exceeds it, and the
   * overdue check asks for what was never repeated (docs/decisions/callback-order.md).
   */
  callbacksPerSecond: z.int().min(1).max(5000).default(100),
  /** The most requests for new images a second, as an average over bursts of ten times as many. */
  submitsPerSecond: z.int().min(1).max(5000).default(100),
  /** The same for each route that reads. */
  readsPerSecond: z.int().min(1).max(5000).default(500),
  /**
   * How many invocations at once are set aside for each of these functions, which is also the most that it gets. An account
   * has 1,000 by default, and 100 must be left for all others.
   */
  reservedConcurrency: z
    .strictObject(
      Object.fromEntries(functionNames.map((name) => [name, Reserved])) as Record<
        FunctionName,
        typeof Reserved
      >,
    )
    .prefault({}),
  /** Whether input images are inspected before anything is paid. */
  checkInputImages: z.boolean().default(true),
  /** The largest result image, in MiB. One that is larger is listed as lost. */
  maxImageMebibytes: z.int().min(1).max(64).default(32),
  /**
   * What an image costs, by model: `{"wan2.5-text-to-image": {"amount": 0.02, "currency": "USD", "sizes": {"1440*1440": 0.03}}}`.
   * The currency is an ISO 4217 code, or `credits` (docs/budgets.md).
   */
  prices: z.partialRecord(z.enum(modelNames), Price).default({}),
  /** Seconds that changes of tasks are collected before they are added to the ledger: so late is `GET /v1/usage`. */
  ledgerSeconds: z.int().min(0).max(300).default(60),
  /**
   * The names of callers' metadata by whose values usage is added up too: `["team"]`. Each costs a write more for every value
   * and day; only tasks that are created or end from now on are counted under a new one.
   */
  usageMetadata: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores'),
    )
    .max(5)
    .refine((names) => new Set(names).size === names.length, 'must not name anything twice')
    .default([]),
  /** Who is told of alarms. AWS asks each address for its consent first. */
  alarmEmails: z.array(z.email('must be an e-mail address')).max(20).default([]),
  /** Where this project's docs/runbook.md can be read; alarms link to its paragraphs. */
  runbookUrl: z.string().min(1).max(500).default('docs/runbook.md'),
  /** Whether there is a dashboard, for 3 USD a month. */
  dashboard: z.boolean().default(true),
  /** Days that events are kept in an archive, from which EventBridge can replay them; none unless it is set. */
  eventArchiveDays: z.int().min(1).max(3650).optional(),
  /** Other AWS accounts that may put rules of their own on the bus. */
  consumerAccounts: z
    .array(z.string().regex(/^\d{12}$/, 'must be 12 digits'))
    .max(50)
    .default([]),
  /** Whether invocations and their requests to AWS are traced in X-Ray, for 5 USD a million traces. */
  tracing: z.boolean().default(false),
  /** Seconds after which a callback that has not come is overdue (a queue delays by 900 at the most). */
  overdueSeconds: z.int().min(0).max(900).default(900),
  /** Seconds before the first status read of a task whose provider never calls back. */
  firstReadSeconds: z.int().min(0).max(900).default(firstReadSeconds),
  /** Whether the page is served at `/`. It needs a key as every caller does, and shows nothing without one. */
  page: z.boolean().default(true),
});
export type Settings = z.infer<typeof Plain>;

/** What no setting can tell alone. A function with fewer invocations than its queue hands over is throttled for ever. */
const Settings = Plain.superRefine((settings, context) => {
  const { domain, webAclArn, publicUrl, reservedConcurrency: reserved } = settings;
  const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (domain && publicUrl) refuse(['publicUrl'], 'must not be set beside domain, which is the address then');
  if (webAclArn && !domain) refuse(['webAclArn'], 'needs a domain: it is what leads to the distribution');
  if (webAclArn && domain && !domain.certificateArn.includes(':acm:us-east-1:'))
    refuse(
      ['domain', 'certificateArn'],
      'must be in us-east-1 when webAclArn is set: CloudFront takes no other',
    );
  const handedOver = {
    callback: settings.callbackConcurrency,
    check: 2 * settings.checkConcurrency,
    deliver: settings.webhookConcurrency,
    retry: settings.webhookRetryConcurrency,
  };
  for (const [name, least] of Object.entries(handedOver)) {
    const own = reserved[name as FunctionName];
    if (own !== undefined && own < least)
      refuse(
        ['reservedConcurrency', name],
        `must be at least ${least}, as many as its queues hand over at once`,
      );
  }
});

/**
 * Validates what the context holds.
 * @param context an object, a JSON text of one (from the command line), or nothing for the defaults
 * @throws Error naming each setting that is wrong and what is allowed
 */
export function readSettings(context: unknown): Settings {
  const read = Settings.safeParse(typeof context === 'string' ? jsonIn(context) : (context ?? {}));
  if (read.success) return read.data;
  throw new Error(`The settings in cdk.json (context.wanhook) are wrong:\n${z.prettifyError(read.error)}`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`The settings must be a JSON object, like '{"stage":"dev"}', and not ${text}`, { cause });
  }
}
