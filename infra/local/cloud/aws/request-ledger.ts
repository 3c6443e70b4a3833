/** Every request to a local AWS service passes here: it is counted, and hooks may delay it, fail it or cut it off. */
import type { Failures } from '../failure.ts';
import { AwsError, ConnectionDropped } from './aws-error.ts';

export type ServiceName =
  | 'ApiGateway'
  | 'CloudWatch'
  | 'DynamoDB'
  | 'DynamoDBStreams'
  | 'EventBridge'
  | 'Lambda'
  | 'S3'
  | 'SecretsManager'
  | 'SNS'
  | 'SQS';

/** One request to a service, as a hook sees it before it is executed. */
export interface AwsRequest {
  readonly service: ServiceName;
  /** The API's own name of the operation, such as `UpdateItem`; for API Gateway the route key. */
  readonly operation: string;
  /** The function's name, the service that acts for someone (`ApiGateway`), or `outside`. */
  readonly caller: string;
  /** What was sent: the JSON of a JSON service, the event of an invocation; empty for S3, whose bodies are streamed. */
  readonly body: Buffer | string;
  /** The URL's path, for services that have no target header (S3, API Gateway). */
  readonly path?: string;
}

/** What a hook may do to a request: answer an AWS error, or cut the connection before or after executing it. */
export type Fault =
  | { readonly status: number; readonly code: string; readonly message?: string }
  | { readonly drop: 'before' | 'after' };

type HookAnswer = Fault | undefined;
export type RequestHook = (request: AwsRequest) => HookAnswer | Promise<HookAnswer>;

/** Counts by kind (`DynamoDB.UpdateItem`), and the same again by who asked. */
export interface RequestCounts {
  readonly total: Record<string, number>;
  readonly byCaller: Record<string, Record<string, number>>;
}

/** Counts requests and lets hooks interfere with them. */
export class RequestLedger {
  readonly #hooks = new Set<RequestHook>();
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #failures: Failures;

  /** `failures` is shown whatever the execution of a request throws. */
  constructor(failures: Failures) {
    this.#failures = failures;
  }

  /** Adds a hook, called before each request is executed; returns the function that removes it. */
  onRequest(hook: RequestHook): () => void {
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  /** All counts so far; `since` subtracts an earlier answer. */
  counts(since?: RequestCounts): RequestCounts {
    const total: Record<string, number> = {};
    const byCaller: Record<string, Record<string, number>> = {};
    for (const [caller, kinds] of this.#counts) {
      for (const [kind, count] of kinds) {
        const fresh = count - (since?.byCaller[caller]?.[kind] ?? 0);
        if (fresh === 0) continue;
        total[kind] = (total[kind] ?? 0) + fresh;
        byCaller[caller] = { ...byCaller[caller], [kind]: fresh };
      }
    }
    return { total, byCaller };
  }

  /** Counts a request that no hook may touch. */
  count(service: ServiceName, operation: string, caller: string): void {
    const kinds = this.#counts.get(caller) ?? new Map<string, number>();
    this.#counts.set(caller, kinds);
    const kind = `${service}.${operation}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }

  /**
   * Counts the request, asks the hooks, and executes it.
   * @throws AwsError when a hook answers an error; ConnectionDropped when a hook cuts the connection.
   */
  async run<T>(request: AwsRequest, execute: () => T | Promise<T>): Promise<T> {
    this.count(request.service, request.operation, request.caller);
    const fault = this.#hooks.size > 0 ? await this.#fault(request) : undefined;
    if (!fault) return this.#execute(execute);
    if ('status' in fault) {
      throw new AwsError(fault.code, fault.message ?? fault.code, { status: fault.status });
    }
    if (fault.drop === 'after') await this.#execute(execute);
    throw new ConnectionDropped(`${request.service}.${request.operation} was cut off by a request hook`);
  }

  async #execute<T>(execute: () => T | Promise<T>): Promise<T> {
    try {
      return await execute();
    } catch (error) {
      this.#failures.check(error);
      throw error;
    }
  }

  async #fault(request: AwsRequest): Promise<HookAnswer> {
    for (const hook of this.#hooks) {
      const fault = await hook(request);
      if (fault) return fault;
    }
    return undefined;
  }
}
