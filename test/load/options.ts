/** What `npm run load` is asked for. */
import { parseArgs } from 'node:util';
import * as z from 'zod';

const USAGE = `Usage: npm run load -- [--tasks N] [--rate R] [--images N] [--held] [--duplicates N] [--json]
  --tasks       how many tasks are submitted (1000)
  --rate        how many a second (20)
  --images      images of each, 1 to 4 (1)
  --held        the provider completes none before all are submitted, then all at once
  --duplicates  how often each callback is sent again, beside the first (0)
  --json        the figures as JSON, and nothing else on standard output`;

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const Options = z
  .strictObject({
    tasks: count(1, 1_000_000).default(1000),
    rate: count(1, 10_000).default(20),
    images: count(1, 4).default(1),
    held: z.boolean().default(false),
    duplicates: count(0, 10).default(0),
    json: z.boolean().default(false),
  })
  .refine(({ held, duplicates }) => held || duplicates === 0, {
    path: ['duplicates'],
    message: 'needs --held, so that the provider sends them beside the first callback',
  });

export type LoadOptions = z.output<typeof Options>;

/** @throws Error that says what is allowed */
export function readOptions(args: readonly string[]): LoadOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        tasks: { type: 'string' },
        rate: { type: 'string' },
        images: { type: 'string' },
        held: { type: 'boolean' },
        duplicates: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    return Options.parse(values);
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('; ')
        : (error as Error).message;
    throw new Error(`${why}\n${USAGE}`, { cause: error });
  }
}
