/** Talks to the control routes of a running stand-in provider, for one account. */
import type {
  Calls,
  FaultInput,
  FaultRuleInput,
  StruckRule,
  TaskView,
} from '../../infra/local/providers/index.ts';

export type {
  CallbackEntry,
  Calls,
  DownloadEntry,
  FaultInput,
  RequestEntry,
  TaskView,
} from '../../infra/local/providers/index.ts';

/** Control of one stand-in provider, limited to the account of `key`. */
export class StandInClient {
  readonly #base: string;
  readonly #key: string;

  constructor(base: string, key: string) {
    this.#base = base;
    this.#key = key;
  }

  /** Adds a fault for this account: for tasks whose prompt holds `prompt`, for `times` strikes. */
  async addFault(fault: FaultInput, limits: { prompt?: string; times?: number } = {}): Promise<void> {
    const rule: FaultRuleInput = { key: this.#key, ...limits, fault };
    await this.#send('POST', 'faults', rule);
  }

  /** This account's rules, each with how often it has struck: a test can see that its fault took place. */
  async faults(): Promise<StruckRule[]> {
    return (await this.#send('GET', `faults?${this.#account()}`)) as StruckRule[];
  }

  /** Forgets this account's faults; tasks that carry one keep it. */
  async clearFaults(): Promise<void> {
    await this.#send('DELETE', `faults?${this.#account()}`);
  }

  /** Gives the account a further API key, as the first half of a rotation. */
  async addKey(key: string): Promise<void> {
    await this.#send('POST', 'keys', { account: this.#key, key });
  }

  /** Refuses the key from now on; the account, its tasks and its other keys stay. */
  async revokeKey(key: string, status: 401 | 403 = 401): Promise<void> {
    await this.#send('POST', 'revoked-keys', { key, status });
  }

  /** Every request, callback attempt and picture fetch of this account, oldest first. */
  async calls(): Promise<Calls> {
    return (await this.#send('GET', `calls?${this.#account()}`)) as Calls;
  }

  async clearCalls(): Promise<void> {
    await this.#send('DELETE', `calls?${this.#account()}`);
  }

  /** This account's tasks, oldest first. */
  async tasks(): Promise<TaskView[]> {
    return (await this.#send('GET', `tasks?${this.#account()}`)) as TaskView[];
  }

  /** Ends a running or held task now; with an error, as failed. Throws when it has ended. */
  async complete(taskId: string, error?: { code: string; message: string }): Promise<void> {
    await this.#send('POST', `tasks/${taskId}/complete`, error === undefined ? {} : { error });
  }

  /** Sends an ended task's callback again and waits until it is delivered or given up. Returns its body. */
  async replayCallback(taskId: string): Promise<Record<string, unknown>> {
    return (await this.#send('POST', `tasks/${taskId}/callback`)) as Record<string, unknown>;
  }

  #account(): string {
    return new URLSearchParams({ key: this.#key }).toString();
  }

  async #send(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#base}/_stand-in/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) {
      throw new Error(`Stand-in provider: ${method} ${path}: ${response.status} ${await response.text()}`);
    }
    return response.json();
  }
}
