/** The functions: what each is told, how long it may take, and what it may touch. */
import { Duration } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { REPUBLISH } from '../operations/redrive-mark.ts';
import type { Settings } from '../settings.ts';
import { invokeFromQueue, invokeFromStream } from './event-sources.ts';
import { allow, allowObjects, allowReading, allowSending } from './grants.ts';
import { linkEnvironment } from './links.ts';
import { NodeFunction } from './node-function.ts';
import { type Storage, TASK_INDEX } from './storage.ts';
import { CHECK_TIMEOUT, type Timers } from './timers.ts';
import { webhookRuleEnvironment } from './webhooks.ts';

/** Every result image of a task, each tried a few times. */
export const CALLBACK_TIMEOUT = Duration.seconds(90);

/** MB for `callback`: four images at a time, each of them twice if its host compresses it (docs/decisions/function-memory.md). */
const memoryForImages = (mebibytes: number): number => 128 + 9 * mebibytes;

export interface FunctionsProps {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly bus: EventBus;
  readonly signingKeys: ISecret;
  readonly taskIdSecret: ISecret;
  readonly providerKeys: ISecret;
  readonly timers: Timers;
  readonly publicUrl: string;
  readonly callbacks: IQueue;
  readonly unpublished: IQueue;
}

export class Functions extends Construct {
  readonly submit: NodeFunction;
  readonly tasks: NodeFunction;
  readonly publish: NodeFunction;
  readonly #props: FunctionsProps;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.#props = props;
    this.submit = this.#submit();
    this.tasks = this.#tasks();
    this.publish = this.#publish();
    this.#callback();
    this.#check();
  }

  #submit(): NodeFunction {
    const { settings, storage, publicUrl, callbacks, providerKeys, taskIdSecret } = this.#props;
    const fn = this.#function('Submit', {
      // The gateway gives up after 30 s: the answer must be out before.
      timeout: Duration.seconds(29),
      // Mostly it waits for the provider; a body of 6 MB and its images take some 150 MB.
      memorySize: 256,
      environment: {
        ...linkEnvironment(this.#props),
        ...this.#imageRules(),
        ...webhookRuleEnvironment(settings),
        KEYS_TABLE: storage.keys.tableName,
        ...this.#providers(),
        CALLBACKS_QUEUE: callbacks.queueUrl,
        TASK_ID_SECRET: taskIdSecret.secretArn,
        PUBLIC_URL: publicUrl,
        RETENTION_DAYS: String(settings.retentionDays),
        PRICES: JSON.stringify(settings.prices),
        USAGE_TABLE: storage.usage.tableName,
        CHECK_INPUT_IMAGES: String(settings.checkInputImages),
        IMAGES_BUCKET: storage.images.bucketName,
      },
    });
    allow(fn, storage.tasks.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    // To read a budget; to count requests and what is reserved.
    allow(fn, storage.usage.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    allow(fn, storage.keys.tableArn, 'dynamodb:GetItem');
    allowObjects(fn, storage.images, 'inputs', 's3:PutObject');
    allowReading(fn, providerKeys);
    allowSending(fn, callbacks);
    allowReading(fn, taskIdSecret);
    return fn;
  }

  #tasks(): NodeFunction {
    const { storage } = this.#props;
    const fn = this.#function('Tasks', {
      timeout: Duration.seconds(10),
      memorySize: 512,
      environment: {
        ...linkEnvironment(this.#props),
        KEYS_TABLE: storage.keys.tableName,
        TASK_INDEX,
      },
    });
    allow(fn, storage.tasks.tableArn, 'dynamodb:BatchGetItem', 'dynamodb:GetItem');
    allow(fn, `${storage.tasks.tableArn}/index/${TASK_INDEX}`, 'dynamodb:Query');
    allow(fn, storage.keys.tableArn, 'dynamodb:GetItem');
    allowObjects(fn, storage.images, 'images', 's3:GetObject');
    allowObjects(fn, storage.images, 'inputs', 's3:GetObject');
    // Without it S3 answers 403 for an object that is not there, and so nobody could tell that from a fault.
    allow(fn, storage.images.bucketArn, 's3:ListBucket');
    return fn;
  }

  #callback(): void {
    const { settings, storage, callbacks, providerKeys } = this.#props;
    const fn = this.#function('Callback', {
      timeout: CALLBACK_TIMEOUT,
      memorySize: memoryForImages(settings.maxImageMebibytes),
      environment: {
        ...this.#signing(),
        ...this.#imageRules(),
        TASKS_TABLE: storage.tasks.tableName,
        USAGE_TABLE: storage.usage.tableName,
        IMAGES_BUCKET: storage.images.bucketName,
        CALLBACKS_QUEUE: callbacks.queueUrl,
        // Not to call anybody, but to take our keys out of what providers quote.
        PROVIDER_KEYS: providerKeys.secretArn,
        ALLOW_HTTP_IMAGES: String(settings.allowHttpImages),
        MAX_IMAGE_BYTES: String(settings.maxImageMebibytes * 1024 * 1024),
      },
    });
    allow(fn, storage.tasks.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    // To settle what a task has reserved.
    allow(fn, storage.usage.tableArn, 'dynamodb:UpdateItem');
    allowObjects(fn, storage.images, 'images', 's3:PutObject');
    allowReading(fn, providerKeys);
    // To hide a message until its next try.
    allow(fn, callbacks.queueArn, 'sqs:ChangeMessageVisibility');
    // One at a time: a task whose images take long, or that kills the function, holds up no other.
    invokeFromQueue(fn, callbacks, { batchSize: 1, maxConcurrency: settings.callbackConcurrency });
  }

  #publish(): NodeFunction {
    const { settings, storage, bus, unpublished, timers } = this.#props;
    const fn = this.#function('Publish', {
      timeout: Duration.seconds(30),
      memorySize: 256,
      environment: {
        ...linkEnvironment(this.#props),
        BUS_NAME: bus.eventBusName,
        UNPUBLISHED_QUEUE: unpublished.queueUrl,
        ...timers.environment(),
        FIRST_READ_SECONDS: String(settings.firstReadSeconds),
      },
    });
    allow(fn, bus.eventBusArn, 'events:PutEvents');
    timers.allowSending(fn);
    invokeFromStream(fn, storage.tasks, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 50,
      bisectBatchOnError: true,
      // What fails for its own sake is set aside at once. What is left is a bus that cannot be reached, which may pass,
      // and a record that kills the function, behind which all others wait: after so many tries, with growing pauses,
      // Lambda reports the batch to `unpublished`. A stream remembers 24 hours.
      retryAttempts: 50,
      maxRecordAge: Duration.hours(23),
      // The function itself sends there too.
      unhandled: unpublished,
      filters: [newTask, outcome, republished],
    });
    return fn;
  }

  #check(): void {
    const { storage, providerKeys, callbacks, timers } = this.#props;
    const fn = this.#function('Check', {
      timeout: CHECK_TIMEOUT,
      memorySize: 256,
      environment: {
        ...this.#signing(),
        TASKS_TABLE: storage.tasks.tableName,
        USAGE_TABLE: storage.usage.tableName,
        ...this.#providers(),
        CALLBACKS_QUEUE: callbacks.queueUrl,
        ...timers.environment(),
      },
    });
    allow(fn, storage.tasks.tableArn, 'dynamodb:BatchGetItem', 'dynamodb:UpdateItem');
    allow(fn, storage.usage.tableArn, 'dynamodb:UpdateItem');
    allowSending(fn, callbacks);
    timers.allowSending(fn);
    allowReading(fn, providerKeys);
    timers.feed(fn);
  }

  #function(
    id: string,
    props: { timeout: Duration; memorySize: number; environment: Record<string, string> },
  ): NodeFunction {
    const { settings, signingKeys } = this.#props;
    const fn = new NodeFunction(this, id, {
      ...props,
      folder: id.toLowerCase(),
      settings,
    });
    allowReading(fn, signingKeys);
    return fn;
  }

  #signing() {
    return { SIGNING_KEYS: this.#props.signingKeys.secretArn };
  }

  #providers() {
    const { settings, providerKeys } = this.#props;
    return {
      PROVIDER_KEYS: providerKeys.secretArn,
      PROVIDER_BASE_URLS: JSON.stringify(settings.providerBaseUrls),
    };
  }

  #imageRules() {
    return { ALLOWED_IMAGE_RANGES: this.#props.settings.allowedImageRanges.join(',') };
  }
}

const newTask = FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') });

/** What the redrive command marks because its event was lost (docs/decisions/dead-letters.md). */
const republished = FilterCriteria.filter({
  eventName: FilterRule.isEqual('MODIFY'),
  dynamodb: { NewImage: { [REPUBLISH]: { S: FilterRule.exists() } } },
});

/** Not yet ended before, ended now: other changes of a record are nobody's business but ours. */
const outcome = FilterCriteria.filter({
  eventName: FilterRule.isEqual('MODIFY'),
  dynamodb: {
    OldImage: { status: { S: FilterRule.or('pending', 'processing') } },
    NewImage: { status: { S: FilterRule.or('completed', 'failed') } },
  },
});
