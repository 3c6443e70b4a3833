/**
 * Runs inside a sandbox, in the place of Lambda's own runtime: loads the handler, then handles one event at a time.
 *
 * Plain JavaScript on purpose: stripping types would cost a sandbox some 30 ms and 20 MB before the function's own code.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MAX_PAYLOAD_BYTES = 6 * 2 ** 20;

const send = process.send.bind(process);
// The function must not see that its process has a parent.
process.send = undefined;
// The process that started this one has ended.
process.on('disconnect', () => process.exit(0));

let requestId;

for (const stream of ['stdout', 'stderr']) {
  // Through the channel rather than the pipe, so that a line always arrives before the result of its invocation.
  process[stream].write = (chunk, encoding, callback) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    send({ type: 'log', stream, requestId, text });
    const done = typeof encoding === 'function' ? encoding : callback;
    if (done) process.nextTick(done);
    return true;
  };
}

process.on('uncaughtException', (error) => crash(describe(error)));
process.on('unhandledRejection', (reason) => {
  crash({ ...describe(reason), errorType: 'Runtime.UnhandledPromiseRejection' });
});

try {
  const handler = await load(process.env._HANDLER, process.env.LAMBDA_TASK_ROOT);
  process.on('message', (message) => invoke(handler, message));
  send({ type: 'ready', peakBytes: peakBytes() });
} catch (error) {
  send({ type: 'init-error', error: describe(error) }, () => process.exit(1));
}

async function load(handler, root) {
  const [, module, name] = /^(.*)\.([^.]+)$/.exec(handler) ?? [];
  const file = ['.mjs', '.js', '.cjs']
    .map((ending) => join(root, module + ending))
    .find((path) => existsSync(path));
  if (!file) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${module}'`);
  const loaded = await import(pathToFileURL(file).href);
  const found = loaded[name] ?? loaded.default?.[name];
  if (typeof found !== 'function') {
    throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  // Lambda's runtime for Node 24 knows no callbacks.
  if (found.length > 2)
    throw named('Runtime.CallbackHandlerDeprecated', 'callback-based handlers are not supported');
  return found;
}

async function invoke(handler, message) {
  requestId = message.requestId;
  process.env._X_AMZN_TRACE_ID = message.traceId;
  try {
    const result = await handler(JSON.parse(message.payload), contextOf(message));
    const payload = JSON.stringify(result === undefined ? null : result);
    const bytes = Buffer.byteLength(payload);
    if (bytes > MAX_PAYLOAD_BYTES) {
      const limit = `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`;
      throw named('Function.ResponseSizeTooLarge', limit);
    }
    send({ type: 'result', requestId, payload, peakBytes: peakBytes() });
  } catch (error) {
    send({ type: 'result', requestId, error: describe(error), peakBytes: peakBytes() });
  }
}

function contextOf({ requestId: awsRequestId, deadline, functionArn }) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: functionArn,
    awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function crash(error) {
  send({ type: 'crash', error }, () => process.exit(129));
}

function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}

/** The most memory this process ever held. The kernel's own figure of resource usage would include the parent's. */
function peakBytes() {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
