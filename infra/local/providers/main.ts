/**
 * The stand-in providers as a process: one line of JSON with their addresses on stdout, logs on stderr.
 *
 *   node infra/local/providers/main.ts --allow-loopback --quick
 *
 * Ends with its stdin, so that it never outlives the process that started it; `--stay` keeps it without one.
 */
import { parseArgs } from 'node:util';
import { type StandInOptions, startStandInProviders } from './index.ts';

const quickDelayMs = 100;
const { values } = parseArgs({
  options: {
    /** `<provider>=9001`; any free port without it. */
    port: { type: 'string', multiple: true },
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

const standIns = await startStandInProviders({
  ...numbers({
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
  ports: portsOf(values.port ?? []),
  log: !values.quiet,
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
if (!values.stay) process.stdin.once('end', stop).once('error', stop).resume();
// Last: whoever reads this line may send a signal at once.
process.stdout.write(`${JSON.stringify(standIns.urls)}\n`);

async function stop(): Promise<void> {
  await standIns.close();
  process.exit(0);
}

/** `<provider>=9001` as an option; the schema refuses what is no port, the start what is no provider. */
function portsOf(flags: string[]): Record<string, number> {
  return Object.fromEntries(
    flags.map((flag) => {
      const [name = '', port] = flag.split('=');
      return [name, Number(port)];
    }),
  );
}

/** The flags that were given, as numbers; the schema refuses what is not one. */
function numbers(flags: Record<string, string | undefined>): StandInOptions {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, Number(value)]));
}
