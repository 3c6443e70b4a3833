/** What really happened to each task, outside of the product: the oracle judges by this and by nothing else. */
import type { ImageKind } from './provider/plan.ts';

export interface Create {
  readonly invocation: string;
  /** `none` once the product has been told, for certain, that nothing was created. */
  result: 'created' | 'perhaps' | 'none';
  /** The provider said no to the request itself. */
  readonly isFinalNo: boolean;
}

/** An outcome that came into the callbacks queue and that the product has to take. */
export interface Arrival {
  readonly at: number;
  readonly status: 'completed' | 'failed';
  /** It names another of the provider's tasks: it may be taken only as long as nothing contradicts it. */
  readonly isDoubtful: boolean;
}

export interface TaskTruth {
  readonly name: string;
  /** How many requests of callers there were for it. */
  asked: number;
  /** Our task's id, once there is a record. */
  id?: string;
  readonly creates: Create[];
  readonly arrivals: Arrival[];
  /** The provider's ids of the tasks that it made for this one. */
  readonly providerIds: string[];
  images: readonly ImageKind[];
  /** When the provider was done with it, in milliseconds since 1970. */
  endedAt?: number;
  /** Answers to reads after that: those that told the end, and those that did not. */
  readonly reads: { told: number; failed: number };
  /** A caller was told that the provider's id is known. */
  isAcceptanceTold: boolean;
}

export class Truth {
  readonly #tasks = new Map<string, TaskTruth>();

  get tasks(): readonly TaskTruth[] {
    return [...this.#tasks.values()];
  }

  of(name: string): TaskTruth {
    const known = this.#tasks.get(name);
    if (known) return known;
    const task: TaskTruth = {
      name,
      asked: 0,
      creates: [],
      arrivals: [],
      providerIds: [],
      images: [],
      reads: { told: 0, failed: 0 },
      isAcceptanceTold: false,
    };
    this.#tasks.set(name, task);
    return task;
  }

  byId(id: string): TaskTruth | undefined {
    return this.tasks.find((task) => task.id === id);
  }
}
