/** What is known of a deployment, before anybody judges it. */
import * as z from 'zod';

/** The queues that functions work on, by output. */
export const WORK_QUEUES = [
  'CallbacksQueue',
  'OverdueQueue',
  'StatusQueue',
  'WebhooksQueue',
  'WebhookRetriesQueue',
] as const;
/** The queues that hold what could not be handled, by output. */
export const DEAD_LETTERS = [
  'CallbacksDeadLetters',
  'OverdueDeadLetters',
  'StatusDeadLetters',
  'WebhooksDeadLetters',
  'WebhookRetriesDeadLetters',
  'UnpublishedReports',
  'UncountedReports',
] as const;
export type QueueName = (typeof WORK_QUEUES)[number] | (typeof DEAD_LETTERS)[number];

const queueNames: readonly QueueName[] = [...WORK_QUEUES, ...DEAD_LETTERS];
const queueUrls = Object.fromEntries(queueNames.map((name) => [name, z.string()])) as Record<
  QueueName,
  z.ZodString
>;

/** The outputs that are needed of the stack. */
export const StatusOutputs = z.object({
  ...queueUrls,
  ApiUrl: z.string(),
  AlarmTopic: z.string(),
  BusName: z.string(),
  KeysTable: z.string(),
  ProviderBaseUrls: z.string(),
  ProviderKeysSecret: z.string(),
  TasksTable: z.string(),
});
export type StatusOutputs = z.output<typeof StatusOutputs>;

/** What could be read, or why it could not. */
export type Part<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly why: string };

/** What a provider makes of its key. */
export type KeyState =
  | { readonly kind: 'none' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly why: string }
  /** It gave no answer that tells. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface ProviderFact {
  readonly name: string;
  readonly title: string;
  readonly models: readonly string[];
  readonly key: KeyState;
}

export interface QueueFact {
  readonly name: QueueName;
  readonly arn: string;
  /** In flight and delayed ones too. */
  readonly messages: number;
}

/** An event source mapping. */
export interface ReaderFact {
  readonly uuid: string;
  readonly functionName: string;
  /** As Lambda names it: `Enabled`, `Disabled`, and what leads from one to the other. */
  readonly state: string;
}

export interface SourceFact {
  /** The queue's output, or `stream`. */
  readonly name: string;
  readonly readers: readonly ReaderFact[];
}

export interface RuleFact {
  readonly name: string;
  readonly isEnabled: boolean;
  /** Their ARNs. */
  readonly targets: readonly string[];
}

export interface MeasuresFact {
  /** Seconds, of each queue of which it was measured lately. */
  readonly oldestMessage: Readonly<Record<string, number>>;
  /** Of that reader of the stream that is furthest behind; nothing when no record came lately. */
  readonly iteratorAge: { readonly ms: number; readonly functionName: string } | undefined;
  /** What the daily sweep counted; nothing when none has run for a day. */
  readonly openBeyond25Hours: number | undefined;
}

export interface OpenTasksFact {
  /** Open for more than 25 hours; at most the first hundred. */
  readonly ids: readonly string[];
  /** How many records were looked at. */
  readonly looked: number;
  /** Whether these were all. */
  readonly isComplete: boolean;
}

export interface AlarmFact {
  readonly name: string;
  readonly description: string;
  readonly state: string;
  readonly rings: boolean;
  /** The function that it watches, if it does. */
  readonly functionName?: string;
}

export interface ListenerFact {
  readonly endpoint: string;
  readonly protocol: string;
  readonly isConfirmed: boolean;
}

export interface Facts {
  readonly providers: Part<readonly ProviderFact[]>;
  /** How many API keys are accepted, counted up to a page. */
  readonly apiKeys: Part<number>;
  readonly queues: Part<readonly QueueFact[]>;
  readonly sources: Part<readonly SourceFact[]>;
  readonly rules: Part<readonly RuleFact[]>;
  readonly measures: Part<MeasuresFact>;
  readonly openTasks: Part<OpenTasksFact>;
  readonly alarms: Part<readonly AlarmFact[]>;
  readonly listeners: Part<readonly ListenerFact[]>;
}
