/**
 * Makes a subsegment in X-Ray of every request to AWS. Importing it is all there is to do, and only bundles of a deployment
 * with `tracing` do (infra/constructs/bundling.ts, docs/decisions/tracing.md).
 *
 *   Lambda: segment of the invocation ── _X_AMZN_TRACE_ID ─► subsegment of each request ── UDP ─► X-Ray's daemon beside the function
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { Client } from '@smithy/core/client';

/** What an SDK client tells a middleware of a request, and what comes of it. */
interface Context {
  readonly clientName?: string;
  readonly commandName?: string;
}
interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
  readonly attempts?: number;
}
type Result = { readonly output?: { readonly $metadata?: Metadata; readonly presigned?: unknown } };
type Next = (args: unknown) => Promise<Result>;
interface AnyClient {
  readonly middlewareStack: {
    add(middleware: (next: Next, context: Context) => Next, options: { step: string; name: string }): void;
  };
}
type Send = (this: AnyClient, ...args: unknown[]) => unknown;

/** The header of what the daemon is sent (X-Ray developer guide, "Sending segment documents to the X-Ray daemon"). */
const HEADER = '{"format": "json", "version": 1}\n';

const socket = createSocket('udp4').unref();
const traced = new WeakSet<AnyClient>();

// Wherever a client is made, it sends through here: so none is forgotten.
const prototype = Client.prototype as unknown as { send: Send };
const send = prototype.send;
prototype.send = function (...args) {
  if (!traced.has(this)) {
    traced.add(this);
    this.middlewareStack.add(trace, { step: 'initialize', name: 'trace' });
  }
  return send.apply(this, args);
};

function trace(next: Next, context: Context): Next {
  return async (args) => {
    const parent = sampledParent();
    if (!parent) return next(args);
    const startedMs = Date.now();
    const tell = (outcome: object, metadata: Metadata | undefined) =>
      emit({ ...subsegment(context, parent, startedMs, metadata), ...outcome });
    try {
      const result = await next(args);
      // A presigned URL is made and not sent.
      if (result.output?.presigned === undefined) await tell({}, result.output?.$metadata);
      return result;
    } catch (error) {
      await tell(failure(error), (error as { $metadata?: Metadata }).$metadata);
      throw error;
    }
  };
}

/** Of `Root=…;Parent=…;Sampled=1`, which Lambda sets before each invocation; nothing when it is not to be traced. */
function sampledParent(): { readonly trace: string; readonly parent: string } | undefined {
  const header = process.env._X_AMZN_TRACE_ID ?? '';
  const fields = new Map(header.split(';').map((field) => field.split('=', 2) as [string, string]));
  const [trace, parent] = [fields.get('Root'), fields.get('Parent')];
  return fields.get('Sampled') === '1' && trace && parent ? { trace, parent } : undefined;
}

function subsegment(
  { clientName = 'AWS', commandName = '' }: Context,
  { trace, parent }: { readonly trace: string; readonly parent: string },
  startedMs: number,
  { httpStatusCode: status, requestId, attempts = 1 }: Metadata = {},
) {
  return {
    id: randomBytes(8).toString('hex'),
    trace_id: trace,
    parent_id: parent,
    type: 'subsegment',
    namespace: 'aws',
    name: clientName.replace(/Client$/, ''),
    start_time: startedMs / 1000,
    end_time: Date.now() / 1000,
    // Never what was sent or came: it may hold a key, a prompt, a link (promise 10).
    aws: { operation: commandName.replace(/Command$/, ''), request_id: requestId, retries: attempts - 1 },
    ...(status !== undefined && { http: { response: { status } } }),
  };
}

function failure(error: unknown): object {
  const { name, $metadata } = error as { name?: string; $metadata?: Metadata };
  const status = $metadata?.httpStatusCode ?? 500;
  return {
    ...(status === 429 ? { throttle: true, error: true } : status < 500 ? { error: true } : { fault: true }),
    cause: { exceptions: [{ id: randomBytes(8).toString('hex'), type: name ?? 'Error' }] },
  };
}

/** Waited for, because Lambda may freeze the function as soon as it has answered. A trace that is lost is no fault. */
function emit(document: object): Promise<void> {
  const [host, port] = (process.env.AWS_XRAY_DAEMON_ADDRESS ?? '').split(':');
  if (!host || !port) return Promise.resolve();
  return new Promise((resolve) => {
    socket.send(HEADER + JSON.stringify(document), Number(port), host, () => resolve());
  });
}
