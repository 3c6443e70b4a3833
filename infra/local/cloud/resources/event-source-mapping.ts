/** AWS::Lambda::EventSourceMapping: from a queue, or from a table's stream. */

import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { CloudState } from '../cloud-state.ts';
import { StreamReader } from '../dynamodb/stream-reader.ts';
import { compilePattern } from '../eventbridge/pattern.ts';
import { EventSource, type Reader } from '../lambda/event-source.ts';
import type { LocalFunction } from '../lambda/local-function.ts';
import { expectQueueAccess, expectStreamAccess, streamAccess } from '../lambda/mapping-access.ts';
import { onFailureQueue } from '../lambda/on-failure-queue.ts';
import { QueueMapping } from '../lambda/queue-mapping.ts';
import { StreamMapping } from '../lambda/stream-mapping.ts';
import { arn as arnIn, defineResource, type Placement } from './resource.ts';

const mapping = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  Enabled: z.boolean().default(true),
  BatchSize: z.int().min(1).max(10_000).optional(),
  MaximumBatchingWindowInSeconds: z.int().min(0).max(300).default(0),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  FilterCriteria: z
    .strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })).max(5) })
    .optional(),
  // Of queues only
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.int().min(2).max(1000) }).optional(),
  // Of streams only
  BisectBatchOnFunctionError: z.boolean().optional(),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
  MaximumRecordAgeInSeconds: z
    .union([z.literal(-1), z.int().min(60).max(604_800)], { error: 'must be -1, or 60 to 604800' })
    .optional(),
  MaximumRetryAttempts: z.int().min(-1).max(10_000).optional(),
  ParallelizationFactor: z.int().min(1).max(10).optional(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']).optional(),
  TumblingWindowInSeconds: z.int().min(0).max(900).optional(),
});

/** Of a shard at once; more are throttled (DynamoDB developer guide, "Change data capture for DynamoDB Streams"). */
const MOST_READERS = 2;

type Properties = z.output<typeof mapping>;

/** Lambda's own, where the template says nothing. */
const QUEUE_BATCH = 10;
const STREAM_BATCH = 100;

const OF_STREAMS = [
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'StartingPosition',
  'TumblingWindowInSeconds',
] as const;

export const eventSourceMappingResources = [
  defineResource('AWS::Lambda::EventSourceMapping', mapping, (properties, placement) => {
    const { cloud } = placement;
    const target = functionNamed(properties.FunctionName, cloud);
    const isOfQueue = properties.EventSourceArn.includes(':sqs:');
    const uuid = uuidOf(placement);
    const source = new EventSource(
      {
        uuid,
        arn: arnIn(cloud, 'lambda', `event-source-mapping:${uuid}`),
        sourceArn: properties.EventSourceArn,
        functionArn: target.settings.arn,
        batchSize: properties.BatchSize ?? (isOfQueue ? QUEUE_BATCH : STREAM_BATCH),
        windowSeconds: properties.MaximumBatchingWindowInSeconds,
        maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency,
      },
      isOfQueue ? fromQueue(properties, cloud, target) : fromStream(properties, placement, target),
      properties.Enabled,
    );
    cloud.eventSources.push(source);
    return { ref: uuid, attributes: { Id: uuid, EventSourceMappingArn: source.settings.arn } };
  }),
];

/** The same in every run. */
function uuidOf({ logicalId, cloud }: Placement): string {
  const digest = createHash('md5').update(`${cloud.stackName} ${logicalId}`).digest('hex');
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @returns what opens a reader of the queue */
function fromQueue(properties: Properties, cloud: CloudState, target: LocalFunction): () => Reader {
  const foreign = OF_STREAMS.find((name) => properties[name] !== undefined);
  if (foreign) throw new Error(`property ${foreign} is of streams, and the source is a queue`);
  const queue = cloud.queues.byArn(properties.EventSourceArn);
  if (!queue) throw new Error(`there is no queue ${properties.EventSourceArn}`);
  refuseBatch(properties, queue.settings.fifo !== undefined);
  expectQueueAccess(target, queue.settings.arn, cloud.access);
  const { visibilityTimeout } = queue.settings;
  const { timeoutSeconds } = target.settings;
  if (visibilityTimeout < timeoutSeconds) {
    throw new Error(
      `Queue visibility timeout: ${visibilityTimeout} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
  const settings = {
    queue,
    target,
    filters: queueFiltersOf(properties),
    batchSize: properties.BatchSize ?? QUEUE_BATCH,
    windowSeconds: properties.MaximumBatchingWindowInSeconds,
    concurrency: Math.min(
      properties.ScalingConfig?.MaximumConcurrency ?? cloud.concurrency,
      cloud.concurrency,
    ),
    reportsItems: properties.FunctionResponseTypes.length > 0,
  };
  return () => new QueueMapping(settings, cloud);
}

/** Lambda's limits of a batch from a queue (Lambda developer guide, parameters for SQS event source mappings). */
function refuseBatch({ BatchSize, MaximumBatchingWindowInSeconds: window }: Properties, fifo: boolean): void {
  if (fifo && window > 0) throw new Error('Batching window is not supported for FIFO queues.');
  if (BatchSize === undefined || BatchSize <= 10) return;
  if (fifo) throw new Error('property BatchSize must be at most 10 for a FIFO queue');
  if (window === 0) {
    throw new Error(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
}

/** @returns what opens a reader of the stream, where the one before it ended */
function fromStream(
  properties: Properties,
  { logicalId, cloud }: Placement,
  target: LocalFunction,
): () => Reader {
  const { EventSourceArn: arn, StartingPosition } = properties;
  if (properties.ScalingConfig)
    throw new Error('property ScalingConfig is of queues, and the source is a stream');
  const [, tableName, label] = /:table\/([^/]+)\/stream\/(.+)$/.exec(arn) ?? [];
  const table = cloud.tables.all().find((one) => one.name === tableName);
  if (!table?.streamArn?.endsWith(`/${label}`)) throw new Error(`there is no stream ${arn}`);
  if (!StartingPosition) throw new Error('property StartingPosition is needed for a stream');
  const { TumblingWindowInSeconds: seconds = 0, ParallelizationFactor: lanes = 1 } = properties;
  // A state belongs to a shard, and so the shard's batches have to follow one another.
  if (seconds > 0 && lanes > 1) {
    throw new Error('property ParallelizationFactor must be 1 with TumblingWindowInSeconds');
  }
  if (cloud.eventSources.filter(({ settings }) => settings.sourceArn === arn).length >= MOST_READERS) {
    throw new Error(`more than ${MOST_READERS} mappings read the stream ${arn}`);
  }
  const id = `${logicalId} ${arn}`;
  const authorize = streamAccess(target, arn, cloud.access);
  expectStreamAccess(authorize, arn);
  const source = { upstream: cloud.dynamo, serverArn: table.streamArn, arn, region: cloud.region, authorize };
  const destination = properties.DestinationConfig?.OnFailure.Destination;
  return () => {
    const reader = new StreamReader(source, StartingPosition, cloud.streamPositions.find(id));
    const settings = {
      id,
      reader,
      target,
      filters: filtersOf(properties),
      batchSize: properties.BatchSize ?? STREAM_BATCH,
      windowSeconds: properties.MaximumBatchingWindowInSeconds,
      reportsItems: properties.FunctionResponseTypes.length > 0,
      bisects: properties.BisectBatchOnFunctionError ?? false,
      maximumRetries: properties.MaximumRetryAttempts ?? -1,
      maximumAgeSeconds: properties.MaximumRecordAgeInSeconds ?? -1,
      lanes,
      tumbling: seconds > 0 ? { seconds, shardId: () => reader.shardId, streamArn: arn } : undefined,
      onDiscarded: onFailureQueue(destination, target, reader, arn, cloud),
    };
    return new StreamMapping(settings, cloud.streamPositions, cloud.activity);
  };
}

function functionNamed(nameOrArn: string, cloud: CloudState): LocalFunction {
  for (const one of cloud.functions.values()) {
    if (nameOrArn === one.settings.name || nameOrArn === one.settings.arn) return one;
  }
  throw new Error(`property FunctionName names no function of this stack: ${nameOrArn}`);
}

function filtersOf({ FilterCriteria }: Properties) {
  return (FilterCriteria?.Filters ?? []).map(({ Pattern }) => compilePattern(JSON.parse(Pattern)));
}

/** Lambda filters a queue's messages by their body alone (Lambda developer guide, filtering from an SQS event source). */
function queueFiltersOf(properties: Properties) {
  for (const { Pattern } of properties.FilterCriteria?.Filters ?? []) {
    const other = Object.keys(JSON.parse(Pattern)).find((key) => key !== 'body');
    if (other) throw new Error(`property FilterCriteria filters a queue by body, not by ${other}`);
  }
  return filtersOf(properties);
}
