/** What SQS measures of a queue every minute (SQS developer guide, "Available CloudWatch metrics for Amazon SQS"). */
import type { Queue } from '../sqs/queue.ts';
import { type MetricStore, MINUTE_MS } from './metric-store.ts';

export class QueueMetrics {
  readonly #metrics: MetricStore;
  readonly #queues: () => readonly Queue[];
  #timer: NodeJS.Timeout | undefined;

  constructor(metrics: MetricStore, queues: () => readonly Queue[]) {
    this.#metrics = metrics;
    this.#queues = queues;
  }

  start(): void {
    this.#timer = setInterval(() => this.sample(), MINUTE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Measures now. */
  sample(): void {
    for (const queue of this.#queues()) {
      const { visible, inFlight, delayed } = queue.depth();
      this.#record(queue, 'ApproximateNumberOfMessagesVisible', visible);
      this.#record(queue, 'ApproximateNumberOfMessagesNotVisible', inFlight);
      this.#record(queue, 'ApproximateNumberOfMessagesDelayed', delayed);
      this.#record(queue, 'ApproximateAgeOfOldestMessage', queue.ageOfOldest());
    }
  }

  #record(queue: Queue, name: string, value: number): void {
    const dimensions = { QueueName: queue.settings.name };
    this.#metrics.record({ namespace: 'AWS/SQS', name, dimensions }, value);
  }
}
