/** The bus, the bucket and the secrets: small enough to stand together. */
import { createHash } from 'node:crypto';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { BudgetEventDetail } from '../../../shared/events/budget-event.ts';
import type { TaskEventDetail } from '../../../shared/events/task-event.ts';
import type { Faults } from '../faults.ts';
import { Gap } from './gap.ts';

/** EventBridge user guide, "Quotas": bytes of one entry, and entries of one call. */
const MOST_EVENT_BYTES = 256 * 1024;
const MOST_ENTRIES = 10;

export class SimulatedBus {
  readonly #faults: Faults;
  readonly #onEvent: (detail: TaskEventDetail | BudgetEventDetail) => void;
  #calls = 0;

  /** @param onEvent told of every event that was taken */
  constructor(faults: Faults, onEvent: (detail: TaskEventDetail | BudgetEventDetail) => void) {
    this.#faults = faults;
    this.#onEvent = onEvent;
  }

  perform(command: unknown): object {
    if (!(command instanceof PutEventsCommand)) throw unknown(command);
    const { Entries = [] } = command.input;
    const call = ++this.#calls;
    if (
      Entries.length > MOST_ENTRIES ||
      Entries.some(({ Detail = '' }) => bytesOf(Detail) > MOST_EVENT_BYTES)
    ) {
      throw Object.assign(new Error('Total size of the entries in the request is over the limit.'), {
        name: 'ValidationException',
      });
    }
    const answers = Entries.map(({ Detail = '' }, index) => {
      const name = `bus, call ${call}, entry ${index + 1}`;
      const taken = this.#faults.pick(name, 'taken', { ThrottlingException: 0.02 });
      if (taken !== 'taken') return { ErrorCode: taken };
      this.#onEvent(JSON.parse(Detail) as TaskEventDetail | BudgetEventDetail);
      return { EventId: name };
    });
    return { Entries: answers, FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length };
  }
}

export class SimulatedBucket {
  /** SHA-256 in hex by key. */
  readonly objects = new Map<string, string>();

  /** @throws Error named BadDigest when the bytes are not the announced ones, as S3 does */
  perform(command: unknown): object {
    if (!(command instanceof PutObjectCommand)) throw unknown(command);
    const { Key = '', Body, ChecksumSHA256 } = command.input;
    const digest = createHash('sha256')
      .update(Body as Buffer)
      .digest();
    if (ChecksumSHA256 !== undefined && ChecksumSHA256 !== digest.toString('base64')) {
      throw Object.assign(new Error('The SHA256 you specified did not match'), { name: 'BadDigest' });
    }
    this.objects.set(Key, digest.toString('hex'));
    return {};
  }
}

export class SimulatedSecrets {
  readonly values = new Map<string, string>();

  perform(command: unknown): object {
    if (!(command instanceof GetSecretValueCommand)) throw unknown(command);
    return { SecretString: this.values.get(command.input.SecretId ?? '') };
  }
}

const bytesOf = (text: string): number => Buffer.byteLength(text);
const unknown = (command: unknown) => new Gap((command as object).constructor.name);
