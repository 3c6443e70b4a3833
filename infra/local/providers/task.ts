/** A task as the stand-in keeps it, and the order it was made from. */
import { type Fault, faultOf } from './faults/fault.ts';
import type { InputImage } from './input-images.ts';

/** What a valid create asks for, whatever the provider's spelling. */
export type Order = {
  model: string;
  prompt: string;
  width: number;
  height: number;
  images: number;
  /** Texts and images alternate in the output. */
  interleaved: boolean;
  inputs: string[];
  callbackUrl?: string;
};

export type TaskError = { code: string; message: string };
type Status = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';

/** A task; times are epoch ms. */
export type Task = {
  id: string;
  /** The account. */
  key: string;
  /** The API key that the create carried. */
  bearer: string;
  order: Order;
  faults: Fault[];
  status: Status;
  createdAt: number;
  completedAt?: number;
  durationMs: number;
  error?: TaskError;
  /** Result links, once completed. */
  results: string[];
  /** The downloaded inputs, kept for drawing. */
  inputs: InputImage[];
  /** How often each picture was asked for, by index. */
  downloads: number[];
  /** Ends a hold, or a running task early; with an error, as failed. */
  release: PromiseWithResolvers<TaskError | undefined>;
  /** Nothing more will be sent about it. */
  settled: boolean;
  /** Settles with the first callback attempt, or when there will be none. */
  calledBack: PromiseWithResolvers<void>;
};

/** A fresh, pending task. */
export function newTask(
  fields: Pick<Task, 'id' | 'key' | 'bearer' | 'order' | 'faults' | 'createdAt' | 'durationMs'>,
): Task {
  return {
    ...fields,
    status: 'pending',
    results: [],
    inputs: [],
    downloads: [],
    settled: false,
    release: Promise.withResolvers(),
    calledBack: Promise.withResolvers(),
  };
}

export function isOver(task: Task): boolean {
  return task.status !== 'pending' && task.status !== 'processing';
}

/** What stands among the results beside the images. */
export function junkOf(task: Task): unknown[] {
  const junk = faultOf(task.faults, 'junk-results');
  return junk === undefined ? [] : Array.from({ length: junk.count }, () => junk.entry);
}

/** How far a task has come, 0 to 1; 1 only when completed. */
export function progressOf(task: Task, now: number): number {
  if (task.status === 'completed') return 1;
  if (task.status !== 'processing') return 0;
  return Math.min(0.99, (now - task.createdAt) / Math.max(1, task.durationMs));
}
