/** What a deployment says of its tables for usage. */
import * as z from 'zod';
import type { UsageTables } from './verify-all.ts';

export const UsageOutputs = z.object({
  TasksTable: z.string(),
  UsageTable: z.string(),
  /** Names with commas between, or `-`. */
  UsageMetadata: z.string(),
});

export const usageTables = (outputs: z.infer<typeof UsageOutputs>): UsageTables => ({
  tasks: outputs.TasksTable,
  usage: outputs.UsageTable,
  names: outputs.UsageMetadata.split(',').filter((name) => name !== '-'),
});
