/** What a template and SQS's quotas say of a queue. */

/** What a queue's template says of it; times in seconds. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly delaySeconds: number;
  readonly visibilityTimeout: number;
  readonly retentionSeconds: number;
  readonly maximumMessageSize: number;
  readonly receiveWaitSeconds: number;
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | undefined;
  /** Undefined for a standard queue. */
  readonly fifo: FifoSettings | undefined;
}

/** What a template says of a FIFO queue. */
export interface FifoSettings {
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationScope: 'queue' | 'messageGroup';
  readonly throughputLimit: 'perQueue' | 'perMessageGroupId';
}

/** SQS's quotas of a queue. */
export interface QueueLimits {
  /** Messages received, and neither deleted nor visible again. */
  readonly inFlight: number;
  /** Messages of a FIFO queue, oldest first, that are searched for a group to receive from. */
  readonly scanned: number;
}
