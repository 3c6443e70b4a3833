/**
 * A queue with SQS's rules: delay, visibility, receive count, dead letters; and for a FIFO queue groups in their order
 * and deduplication. queue.test.ts compares it with the local cloud's.
 */
import type { Clock, Scheduled } from '../clock.ts';

export interface Sent {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly delaySeconds?: number;
  /** Of a FIFO queue only. */
  readonly group?: string;
  readonly deduplication?: string;
}

export interface Message extends Sent {
  readonly id: string;
  readonly sentAt: number;
  receives: number;
  visibleAt: number;
  /** Received and neither deleted nor visible again. */
  isInFlight: boolean;
  wakes?: Scheduled;
}

export interface QueueSettings {
  readonly name: string;
  readonly fifo: boolean;
  readonly visibilitySeconds: number;
  readonly maxReceives: number;
}

const DEDUPLICATED_MS = 5 * 60_000;
/** SQS developer guide, "Message quotas" and the reference of SendMessage. */
const MOST_BYTES = 1024 * 1024;
const REFUSED_CHARACTER = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

export class SimulatedQueue {
  readonly settings: QueueSettings;
  readonly messages: Message[] = [];
  readonly deadLetters: Message[] = [];
  /** Told whenever a message may have become visible. */
  onVisible: () => void = () => undefined;
  /** Told of every message that was taken. */
  onSent: (sent: Sent) => void = () => undefined;
  readonly #clock: Clock;
  readonly #seen = new Map<string, number>();
  #sent = 0;

  constructor(clock: Clock, settings: QueueSettings) {
    this.#clock = clock;
    this.settings = settings;
  }

  /** @throws Error named InvalidMessageContents or InvalidParameterValue, as SQS does */
  send(sent: Sent): void {
    if (!isDelay(sent.delaySeconds ?? 0)) {
      throw Object.assign(new Error('DelaySeconds is invalid'), { name: 'InvalidParameterValue' });
    }
    if (REFUSED_CHARACTER.test(sent.body) || Buffer.byteLength(sent.body) > MOST_BYTES) {
      throw Object.assign(new Error('The message contains characters outside the allowed set'), {
        name: 'InvalidMessageContents',
      });
    }
    if (this.#isDuplicate(sent)) return;
    const visibleAt = this.#clock.now + (sent.delaySeconds ?? 0) * 1000;
    const id = `${this.settings.name} message ${++this.#sent}`;
    const message = { ...sent, id, sentAt: this.#clock.now, receives: 0, visibleAt, isInFlight: false };
    this.messages.push(message);
    this.onSent(sent);
    this.#wake(message);
  }

  /** @returns at most so many messages that may be received now */
  receive(most: number): Message[] {
    const { now } = this.#clock;
    for (const message of this.messages) if (message.visibleAt <= now) message.isInFlight = false;
    const blocked = new Set(this.messages.flatMap((message) => (message.isInFlight ? [message.group] : [])));
    const received: Message[] = [];
    for (const message of [...this.messages]) {
      if (received.length === most) break;
      if (message.visibleAt > now || (this.settings.fifo && blocked.has(message.group))) continue;
      if (message.receives >= this.settings.maxReceives) {
        this.#remove(message.id);
        this.deadLetters.push(message);
        continue;
      }
      message.receives += 1;
      message.isInFlight = true;
      received.push(message);
    }
    for (const message of received) this.hide(message.id, this.settings.visibilitySeconds);
    return received;
  }

  delete(id: string): void {
    const group = this.messages.find((message) => message.id === id)?.group;
    this.#remove(id);
    if (group !== undefined) this.onVisible();
  }

  /** Hides a message from now on. */
  hide(id: string, seconds: number): void {
    const message = this.messages.find((candidate) => candidate.id === id);
    if (!message) return;
    message.visibleAt = this.#clock.now + seconds * 1000;
    this.#wake(message);
  }

  #remove(id: string): void {
    const at = this.messages.findIndex((message) => message.id === id);
    const [message] = at >= 0 ? this.messages.splice(at, 1) : [];
    if (message?.wakes) message.wakes.run = undefined;
  }

  #isDuplicate({ group, deduplication }: Sent): boolean {
    if (!this.settings.fifo) return false;
    const key = `${group} ${deduplication}`;
    const before = this.#seen.get(key);
    const isDuplicate = before !== undefined && this.#clock.now - before < DEDUPLICATED_MS;
    if (!isDuplicate) this.#seen.set(key, this.#clock.now);
    return isDuplicate;
  }

  #wake(message: Message): void {
    if (message.wakes) message.wakes.run = undefined;
    message.wakes = this.#clock.after(message.visibleAt - this.#clock.now, () => this.onVisible());
  }
}

const isDelay = (seconds: number): boolean => Number.isInteger(seconds) && seconds >= 0 && seconds <= 900;
