/** Where dead letters are queued and where they belong, as the outputs of a deployment say. */
import * as z from 'zod';
import { stackOutputs } from './stack-outputs.ts';
import { UsageOutputs, usageTables } from './usage/outputs.ts';
import type { UsageTables } from './usage/verify-all.ts';

/**
 * How a dead letter gets back.
 * - `move`: SQS moves it, which it does only for a queue that is named in another queue's redrive policy.
 * - `republish`: it names no message but a time in the stream; the events of that time are republished.
 * - `recount`: the same of the ledger, which is mended from the tasks.
 */
export type Way = 'move' | 'republish' | 'recount';

export interface Place {
  readonly name: string;
  readonly way: Way;
  /** The URL of the queue that holds the dead letters. */
  readonly from: string;
  /** The URL of the queue they go back to; with `republish`, the tasks table's name; with `recount`, the usage table's. */
  readonly to: string;
}

const Outputs = z.object({
  CallbacksQueue: z.string(),
  CallbacksDeadLetters: z.string(),
  OverdueQueue: z.string(),
  OverdueDeadLetters: z.string(),
  StatusQueue: z.string(),
  StatusDeadLetters: z.string(),
  WebhooksQueue: z.string(),
  WebhooksDeadLetters: z.string(),
  WebhookRetriesQueue: z.string(),
  WebhookRetriesDeadLetters: z.string(),
  UnpublishedReports: z.string(),
  UncountedReports: z.string(),
  ...UsageOutputs.shape,
});

/**
 * @param json the content of the file that `cdk deploy --outputs-file` wrote
 * @throws Error when it is no JSON, or not exactly one stack in it has the outputs
 */
export const placesOf = (json: string): Place[] => places(stackOutputs(json, Outputs));

/** The tables that a recount needs, from the same file. */
export const tablesOf = (json: string): UsageTables => usageTables(stackOutputs(json, Outputs));

function places(outputs: z.infer<typeof Outputs>): Place[] {
  const place = (name: keyof typeof outputs, way: Way, to: keyof typeof outputs): Place => ({
    name,
    way,
    from: outputs[name],
    to: outputs[to],
  });
  return [
    place('CallbacksDeadLetters', 'move', 'CallbacksQueue'),
    place('OverdueDeadLetters', 'move', 'OverdueQueue'),
    place('StatusDeadLetters', 'move', 'StatusQueue'),
    place('WebhooksDeadLetters', 'move', 'WebhooksQueue'),
    place('WebhookRetriesDeadLetters', 'move', 'WebhookRetriesQueue'),
    place('UnpublishedReports', 'republish', 'TasksTable'),
    place('UncountedReports', 'recount', 'UsageTable'),
  ];
}
