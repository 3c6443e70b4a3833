/** Who listens to which topic. Nothing is delivered here, but an address counts only when its owner has confirmed it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from '../aws/aws-error.ts';

/** An owner who is asked first (SNS developer guide, "Confirming an Amazon SNS topic subscription"). */
const ASKED = ['email', 'email-json', 'http', 'https'] as const;
export const PROTOCOLS = [...ASKED, 'application', 'firehose', 'lambda', 'sms', 'sqs'] as const;
type Protocol = (typeof PROTOCOLS)[number];

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly isConfirmed: boolean;
  /** What the owner of the address was sent, to confirm with. */
  readonly token: string;
}

export class Subscriptions {
  readonly #byTopic = new Map<string, Subscription[]>();

  createTopic(arn: string): void {
    this.#byTopic.set(arn, []);
  }

  /** @throws AwsError NotFound */
  of(topicArn: string): readonly Subscription[] {
    const found = this.#byTopic.get(topicArn);
    if (found) return found;
    throw new AwsError('NotFound', 'Topic does not exist', { status: 404 });
  }

  all(): Subscription[] {
    return [...this.#byTopic.values()].flat();
  }

  /** One that is there already is answered again. */
  subscribe(topicArn: string, protocol: Protocol, endpoint: string): Subscription {
    const present = this.of(topicArn);
    const same = present.find((one) => one.protocol === protocol && one.endpoint === endpoint);
    if (same) return same;
    const made: Subscription = {
      arn: `${topicArn}:${randomUUID()}`,
      topicArn,
      protocol,
      endpoint,
      isConfirmed: !(ASKED as readonly string[]).includes(protocol),
      token: randomBytes(32).toString('hex'),
    };
    this.#byTopic.set(topicArn, [...present, made]);
    return made;
  }

  /** @throws AwsError for a token that nobody was sent */
  confirm(topicArn: string, token: string): Subscription {
    const present = this.of(topicArn);
    const asked = present.find((one) => one.token === token);
    if (!asked) throw new AwsError('InvalidParameter', 'Invalid parameter: Token');
    const confirmed = { ...asked, isConfirmed: true };
    this.#byTopic.set(
      topicArn,
      present.map((one) => (one === asked ? confirmed : one)),
    );
    return confirmed;
  }

  /** One that is not there is gone already. */
  unsubscribe(arn: string): void {
    for (const [topicArn, present] of this.#byTopic) {
      this.#byTopic.set(
        topicArn,
        present.filter((one) => one.arn !== arn),
      );
    }
  }
}
