/**
 * The stand-in providers as a process: one line of JSON with their addresses on stdout, logs on stderr.
 *
 *   node infra/local/providers/main.ts --allow-loopback --quick
 *
 * Ends with its stdin, so that it never outlives the process that started it; `--stay` keeps it without one.
 */
import { parseArgs } from 'node:util';
import { startSimulator } from './index.ts';
import type { SimulatorOptions } from './options.ts';

const quickDelayMs = 100;
const { values } = parseArgs({
  options: {
    'evolink-port': { type: 'string' },
    'vtrix-port': { type: 'string' },
    'delay-ms': { type: 'string' },
    'callback-retry-unit-ms': { type: 'string' },
    'callback-timeout-ms': { type: 'string' },
    'link-lifetime-ms': { type: 'string' },
    'task-memory-ms': { type: 'string' },
    'input-timeout-ms': { type: 'string' },
    pictures: { type: 'string' },
    /** Callbacks and input images may be on this machine. */
    'allow-loopback': { type: 'boolean', default: false },
    'tolerate-unreachable-inputs': { type: 'boolean', default: false },
    /** Tasks take a tenth of a second. */
    quick: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    stay: { type: 'boolean', default: false },
  },
});

const simulator = await startSimulator({
  ...numbers({
    evolinkPort: values['evolink-port'],
    vtrixPort: values['vtrix-port'],
    delayMs: values['delay-ms'] ?? (values.quick ? String(quickDelayMs) : undefined),
    callbackRetryUnitMs: values['callback-retry-unit-ms'],
    callbackTimeoutMs: values['callback-timeout-ms'],
    linkLifetimeMs: values['link-lifetime-ms'],
    taskMemoryMs: values['task-memory-ms'],
    inputTimeoutMs: values['input-timeout-ms'],
  }),
  ...(values.pictures === undefined ? {} : { pictures: values.pictures as 'drawn' | 'plain' }),
  allowLoopbackCallbacks: values['allow-loopback'],
  allowLoopbackInputs: values['allow-loopback'],
  tolerateUnreachableInputs: values['tolerate-unreachable-inputs'],
  log: !values.quiet,
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
if (!values.stay) process.stdin.once('end', stop).once('error', stop).resume();
// Last: whoever reads this line may send a signal at once.
process.stdout.write(`${JSON.stringify({ evolink: simulator.evolink, vtrix: simulator.vtrix })}\n`);

async function stop(): Promise<void> {
  await simulator.close();
  process.exit(0);
}

/** The flags that were given, as numbers; the schema refuses what is not one. */
function numbers(flags: Record<string, string | undefined>): SimulatorOptions {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, Number(value)]));
}
