/** What makes one provider differ from the next: paths, checks, bodies. The server is the same for all. */
import type { FaultKind } from './faults/fault.ts';
import type { Settings } from './options.ts';
import type { Order, Task } from './task.ts';

/** A request that the provider refuses: an HTTP status, a code and a message in its error shape. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  readonly code: string | number;
  readonly param: string | undefined;

  constructor(status: number, code: string | number, message: string, param?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

export type ProviderProtocol = {
  name: string;
  createPath: string;
  /** Followed by the task's id. */
  readPath: string;
  /** Largest create body, in bytes. */
  bodyLimit: number;
  callsBack: boolean;
  /** Faults that only this provider can have. */
  ownFaults: readonly FaultKind[];
  newTaskId(now: number): string;
  /** Throws a Refusal when the id has not this provider's form. */
  checkTaskId(id: string): void;
  /** Throws a Refusal for anything that is not documented. */
  validate(body: unknown, settings: Settings): Order;
  /** The prompt of a body that may be invalid, for matching faults. */
  promptOf(body: unknown): string | undefined;
  /** The answer to the create. */
  created(task: Task, now: number): Record<string, unknown>;
  /** The answer to a read, and the callback's body. */
  status(task: Task, now: number): Record<string, unknown>;
  /** The body of an error answer. */
  error(refusal: Refusal): unknown;
  /** The code that stands for an HTTP status when none is given. */
  codeFor(status: number, phase: 'create' | 'read'): string;
  /** The task error for an input image that is no good. */
  inputErrorCode: string;
};

/** A plain object, as JSON has them. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Characters as the documents count them: one Chinese character is one, and so is one emoji. */
export function lengthOf(text: string): number {
  return [...text].length;
}
