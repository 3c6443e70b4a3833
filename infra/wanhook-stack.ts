/** The whole system on one screen: its constructs, and who talks to whom. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct } from 'constructs';
import { MAX_ANSWER_BYTES } from '../shared/providers/http.ts';
import { acknowledge } from './constructs/acknowledge.ts';
import { Alarms } from './constructs/alarms.ts';
import { contractFunction } from './constructs/contract.ts';
import { TaskDashboard } from './constructs/dashboard.ts';
import { eventBus } from './constructs/event-bus.ts';
import { CALLBACK_TIMEOUT, Functions } from './constructs/functions.ts';
import { HttpIngress } from './constructs/http-ingress.ts';
import { Ledger } from './constructs/ledger.ts';
import { linkEnvironment } from './constructs/links.ts';
import { NodeFunction } from './constructs/node-function.ts';
import { Page } from './constructs/page.ts';
import { PublicAddress } from './constructs/public-address.ts';
import { secretsOf } from './constructs/secrets.ts';
import { Storage } from './constructs/storage.ts';
import { Sweep } from './constructs/sweep.ts';
import { Timers } from './constructs/timers.ts';
import { Webhooks } from './constructs/webhooks.ts';
import { DeadLetters, WorkQueue } from './constructs/work-queue.ts';
import type { Settings } from './settings.ts';

const CALLBACK_PATH = '/v1/callbacks/{taskId}/{signature}';

/** As an average; ten times as many at once. */
const WEBHOOK_TESTS_PER_SECOND = 2;
/** Anybody may read it, without a key. */
const CONTRACT_READS_PER_SECOND = 10;

/**
 * What is larger is refused at the ingress. A callback of more than half of it would be dropped anyway; our own messages need the
 * rest: what a provider answered to a read, as base64.
 */
const MAX_CALLBACK_MESSAGE_BYTES = 2 * MAX_ANSWER_BYTES;

/** Also the namespace of its metrics, and in lower case the name of its bus. */
export const stackName = ({ stage }: Settings): string =>
  stage === undefined ? 'Wanhook' : `Wanhook-${stage}`;

export class WanhookStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, { description: 'Wan image tasks without polling: submit, callback, archive, event' });

    const storage = new Storage(this, 'Storage', settings);
    const bus = eventBus(this, settings);
    const { taskIdSecret, signingKeys, providerKeys } = secretsOf(this);

    // A result link lives 24 hours. The function's own pauses (shared/runtime/retry-pauses.ts) spread the tries over
    // more than that, so a message becomes a dead letter only when nothing is left to fetch.
    const callbacks = new WorkQueue(this, 'Callbacks', {
      fifo: true,
      functionTimeout: CALLBACK_TIMEOUT,
      maxReceiveCount: 300,
      maxMessageBytes: MAX_CALLBACK_MESSAGE_BYTES,
    });
    const unpublished = new DeadLetters(this, 'Unpublished');
    acknowledge(
      unpublished,
      'SQS3',
      'It is the dead-letter queue of a function and of its stream, which cdk-nag cannot see.',
    );
    const timers = new Timers(this, 'Timers', settings);

    const ingress = new HttpIngress(this, 'HttpIngress', settings);
    const address = new PublicAddress(this, 'PublicAddress', { settings, ingress });
    const publicUrl = address.url;
    const functions = new Functions(this, 'Functions', {
      settings,
      storage,
      bus,
      signingKeys,
      taskIdSecret,
      providerKeys,
      timers,
      publicUrl,
      callbacks: callbacks.queue,
      unpublished: unpublished.queue,
    });

    const webhooks = new Webhooks(this, 'Webhooks', {
      settings,
      storage,
      signingKeys,
      bus,
      links: linkEnvironment({ settings, storage, signingKeys, publicUrl }),
    });

    const ledger = new Ledger(this, 'Usage', { settings, storage, bus });

    const { submitsPerSecond, readsPerSecond } = settings;
    ingress.toFunction(functions.submit, HttpMethod.POST, ['/v1/images/generations'], submitsPerSecond);
    ingress.toFunction(
      functions.tasks,
      HttpMethod.GET,
      [
        '/v1/tasks',
        '/v1/tasks/{id}',
        '/v1/images/{taskId}/{index}/{signature}',
        '/v1/inputs/{taskId}/{index}/{signature}',
      ],
      readsPerSecond,
    );
    ingress.toFunction(webhooks.api, HttpMethod.GET, ['/v1/tasks/{id}/deliveries'], readsPerSecond);
    ingress.toFunction(ledger.usage, HttpMethod.GET, ['/v1/usage'], readsPerSecond);
    ingress.toFunction(webhooks.api, HttpMethod.POST, ['/v1/tasks/{id}/redeliver'], submitsPerSecond);
    // Each makes us call an address that the caller names.
    ingress.toFunction(webhooks.api, HttpMethod.POST, ['/v1/webhooks/test'], WEBHOOK_TESTS_PER_SECOND);
    const contract = contractFunction(this, settings);
    ingress.toFunction(contract, HttpMethod.GET, ['/openapi.json'], CONTRACT_READS_PER_SECOND);
    ingress.toQueue(CALLBACK_PATH, {
      queue: callbacks.queue,
      attributes: ['taskId', 'signature'],
      group: 'taskId',
      requestsPerSecond: settings.callbacksPerSecond,
    });

    if (settings.page) {
      new Page(this, 'Page', {
        ingress,
        images: storage.images,
        settings,
      });
    }

    const sweep = new Sweep(this, 'Sweep', { storage, settings });

    const deadLetters = {
      CallbacksDeadLetters: callbacks.deadLetters.queue,
      OverdueDeadLetters: timers.overdue.deadLetters.queue,
      StatusDeadLetters: timers.status.deadLetters.queue,
      WebhooksDeadLetters: webhooks.first.deadLetters.queue,
      WebhookRetriesDeadLetters: webhooks.retries.deadLetters.queue,
      UnpublishedReports: unpublished.queue,
      UncountedReports: ledger.uncounted.queue,
    };
    const allFunctions = this.node.findAll().filter((construct) => construct instanceof NodeFunction);
    const alarms = new Alarms(this, 'Alarms', {
      settings,
      functions: allFunctions,
      deadLetters,
      callbacks: callbacks.queue,
      publish: functions.publish,
      ledger: ledger.ledger,
      runDaily: [sweep.function],
      dailyRule: sweep.rule,
      callbackPath: CALLBACK_PATH,
      apiId: ingress.api.apiId,
    });

    if (settings.dashboard) {
      new TaskDashboard(this, 'Dashboard', {
        functions: allFunctions,
        queues: {
          Callbacks: callbacks.queue,
          Overdue: timers.overdue.queue,
          Status: timers.status.queue,
          Webhooks: webhooks.first.queue,
          WebhookRetries: webhooks.retries.queue,
        },
        deadLetters,
        publish: functions.publish,
        images: storage.images,
        apiId: ingress.api.apiId,
      });
    }

    new CfnOutput(this, 'ApiUrl', { value: publicUrl });
    // What the DNS record of the domain has to point to (docs/deploy.md).
    if (address.dnsTarget !== undefined) new CfnOutput(this, 'DnsTarget', { value: address.dnsTarget });
    new CfnOutput(this, 'TasksTable', { value: storage.tasks.tableName });
    new CfnOutput(this, 'KeysTable', { value: storage.keys.tableName });
    new CfnOutput(this, 'UsageTable', { value: storage.usage.tableName });
    // What npm run usage asks for; an output cannot be empty.
    new CfnOutput(this, 'UsageMetadata', { value: settings.usageMetadata.join(',') || '-' });
    new CfnOutput(this, 'ImagesBucket', { value: storage.images.bucketName });
    new CfnOutput(this, 'ProviderKeysSecret', { value: providerKeys.secretArn });
    // What the command to rotate the signing key asks for.
    new CfnOutput(this, 'SigningKeysSecret', { value: signingKeys.secretArn });
    // What the keys command derives webhook secrets from.
    new CfnOutput(this, 'WebhookSecret', { value: webhooks.secret.secretArn });
    new CfnOutput(this, 'BusName', { value: bus.eventBusName });
    new CfnOutput(this, 'AlarmTopic', { value: alarms.topic.topicArn });
    // Where the diagnosis asks whether a key is accepted.
    new CfnOutput(this, 'ProviderBaseUrls', { value: JSON.stringify(settings.providerBaseUrls) });
    new CfnOutput(this, 'StatusCommand', {
      value: 'npm run status -- .local/outputs.json',
      description: 'The diagnosis; the file is the one of cdk deploy --outputs-file',
    });
    // What the redrive command asks for (infra/operations/redrive-places.ts).
    for (const [name, queue] of Object.entries({
      CallbacksQueue: callbacks.queue,
      OverdueQueue: timers.overdue.queue,
      StatusQueue: timers.status.queue,
      WebhooksQueue: webhooks.first.queue,
      WebhookRetriesQueue: webhooks.retries.queue,
      ...deadLetters,
    })) {
      new CfnOutput(this, name, { value: queue.queueUrl });
    }
  }
}
