/**
 * How often a FIFO queue may be sent to: 300 calls per second for the whole queue, or in high throughput mode for each of
 * its partitions (SQS developer guide, message quotas). Here every message group is a partition of its own.
 */

import { AwsError } from '../aws/aws-error.ts';
import { TokenBucket } from '../aws/token-bucket.ts';
import type { FifoSettings } from './queue-settings.ts';

const CALLS_PER_SECOND = 300;
/** Buckets of groups that have not been sent to lately are forgotten when there are more than this. */
const MOST_BUCKETS = 10_000;

export class SendQuota {
  readonly #perGroup: boolean;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(fifo: FifoSettings) {
    this.#perGroup = fifo.throughputLimit === 'perMessageGroupId';
  }

  /** Counts one call that sends to these message groups. @throws AwsError ThrottlingException */
  count(messageGroupIds: readonly string[]): void {
    const partitions = this.#perGroup ? new Set(messageGroupIds) : [''];
    for (const partition of partitions) {
      if (!this.#bucket(partition).admits()) throw throttled();
    }
  }

  #bucket(partition: string): TokenBucket {
    const known = this.#buckets.get(partition);
    if (known) return known;
    if (this.#buckets.size >= MOST_BUCKETS) this.#forgetFull();
    const bucket = new TokenBucket(CALLS_PER_SECOND, CALLS_PER_SECOND);
    this.#buckets.set(partition, bucket);
    return bucket;
  }

  #forgetFull(): void {
    for (const [partition, bucket] of this.#buckets) {
      if (bucket.isFull) this.#buckets.delete(partition);
    }
  }
}

function throttled(): AwsError {
  return new AwsError('ThrottlingException', 'Rate exceeded', { queryCode: 'ThrottlingException' });
}
