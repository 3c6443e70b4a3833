/** The settings of the stand-in providers: one schema for tests, the command line and `npm start`. */
import * as z from 'zod';

const ms = z.number().min(0);
const hours24 = 24 * 60 * 60 * 1000;

export const optionsSchema = z.strictObject({
  /** By provider; any free port without it, or with 0. */
  ports: z.record(z.string(), z.int().min(0).max(65535)).default({}),
  /** From the create to the outcome. */
  delayMs: ms.default(1500),
  /** The pauses before the callback's retries are 1, 2 and 4 of these. */
  callbackRetryUnitMs: ms.default(1000),
  callbackTimeoutMs: ms.default(10_000),
  /** How long a result link works, from the outcome. */
  linkLifetimeMs: ms.default(hours24),
  /** How long a task can be asked for, from the create. */
  taskMemoryMs: ms.default(hours24),
  inputTimeoutMs: ms.default(10_000),
  /** Documented: callback URLs are HTTPS only and never internal. On: plain HTTP to this machine is taken too. */
  allowLoopbackCallbacks: z.boolean().default(false),
  /** The same for the input images that the provider downloads. */
  allowLoopbackInputs: z.boolean().default(false),
  /** On: an input image that cannot be reached does not fail the task (machines without a network). */
  tolerateUnreachableInputs: z.boolean().default(false),
  /** `plain` draws once a size and marks each copy: for bursts. `drawn` shows the prompt. */
  pictures: z.enum(['drawn', 'plain']).default('drawn'),
  log: z.boolean().default(false),
});

type Options = z.output<typeof optionsSchema>;
export type StandInOptions = z.input<typeof optionsSchema> & {
  /** Epoch ms; tests move it to let links and tasks grow old. Pauses always run in real time. */
  clock?: () => number;
};
export type Settings = Options & { clock: () => number };

/** Fills in the defaults. Throws a ZodError that names an unknown or impossible option. */
export function settingsFrom({ clock = Date.now, ...options }: StandInOptions = {}): Settings {
  return { ...optionsSchema.parse(options), clock };
}
