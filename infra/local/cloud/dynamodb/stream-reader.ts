/** Reads one table's stream, from a position on, whenever something was written. */
import { createHash } from 'node:crypto';
import type { Upstream } from './upstream.ts';

/** A record as a function gets it. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Record<string, unknown>;
    readonly SequenceNumber: string;
    readonly [member: string]: unknown;
  };
  readonly eventSourceARN: string;
}

interface Answer {
  readonly Records?: ReadonlyArray<Omit<StreamRecord, 'eventSourceARN'>>;
  readonly NextShardIterator?: string;
}

const TARGET = 'DynamoDBStreams_20120810';
/** GetRecords' own limit. */
const PAGE = 1000;

export interface StreamSource {
  readonly upstream: Upstream;
  /** The server's ARN of the stream, and the one that functions see. */
  readonly serverArn: string;
  readonly arn: string;
  readonly region: string;
  /** @throws AccessDenied when the operation is not allowed to the reader */
  readonly authorize: (operation: string) => void;
}

/** One reader of a stream. The server has one shard per table, which exists from the first write on. */
export class StreamReader {
  readonly #source: StreamSource;
  #position: string | undefined;
  #start: 'TRIM_HORIZON' | 'LATEST';
  #iterator: string | undefined;
  #shardId: string | undefined;

  /** Reads after the record with sequence number `position`, or from `start` when there is none. */
  constructor(source: StreamSource, start: 'TRIM_HORIZON' | 'LATEST', position: string | undefined) {
    this.#source = source;
    this.#start = start;
    this.#position = position;
  }

  get shardId(): string {
    return this.#shardId ?? 'shardId-00000000000000000000-00000000';
  }

  /** The records that have come since the last call, oldest first; at most a page. */
  async read(): Promise<StreamRecord[]> {
    this.#iterator ??= await this.#open();
    if (!this.#iterator) return [];
    let answer: Answer;
    try {
      answer = await this.#call('GetRecords', { ShardIterator: this.#iterator, Limit: PAGE });
    } catch (error) {
      // An iterator can expire; the position does not.
      this.#iterator = undefined;
      throw error;
    }
    this.#iterator = answer.NextShardIterator;
    const records = (answer.Records ?? []).map((record) => this.#asSeenByFunctions(record));
    this.#position = records.at(-1)?.dynamodb.SequenceNumber ?? this.#position;
    return records;
  }

  async #open(): Promise<string | undefined> {
    const StreamArn = this.#source.serverArn;
    const { StreamDescription } = await this.#call<{
      StreamDescription: { Shards?: Array<{ ShardId: string }> };
    }>('DescribeStream', { StreamArn });
    const ShardId = StreamDescription.Shards?.[0]?.ShardId;
    if (!ShardId) {
      // Nothing was ever written, so whatever comes is later than now.
      this.#start = 'TRIM_HORIZON';
      return undefined;
    }
    this.#shardId = ShardId;
    const from = this.#position
      ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: this.#position }
      : { ShardIteratorType: this.#start };
    const { ShardIterator } = await this.#call<{ ShardIterator: string }>('GetShardIterator', {
      StreamArn,
      ShardId,
      ...from,
    });
    return ShardIterator;
  }

  #asSeenByFunctions(record: Omit<StreamRecord, 'eventSourceARN'>): StreamRecord {
    const { arn, region } = this.#source;
    // The server numbers its records; AWS gives them ids that are unique across streams.
    const eventID = createHash('md5').update(`${arn} ${record.dynamodb.SequenceNumber}`).digest('hex');
    return { ...record, eventID, awsRegion: region, eventSourceARN: arn };
  }

  async #call<T = Answer>(operation: string, input: unknown): Promise<T> {
    this.#source.authorize(operation);
    return (await this.#source.upstream.call(`${TARGET}.${operation}`, input)) as T;
  }
}
