/**
 * Rules that several models share, as zod schemas whose messages say what is allowed. Source: docs/models.md.
 * zod/mini, because it loads in a third of the time and a submit waits for it (docs/decisions/dependencies.md).
 * A limit that JSON Schema cannot see in a check of our own is registered beside it: `limits.ts` reads it there.
 */
import * as z from 'zod/mini';
import { length, type SizeRule, sizeFault } from './measures.ts';

/** A string of `min` to `max` characters; a longer one is refused, not truncated. */
export const string = (min: number, max: number) =>
  z
    .string({ error: `must be a string of ${min} to ${max} characters` })
    .check(
      z.refine((value) => length(value) >= min && length(value) <= max, {
        error: ({ input }) => `must have ${min} to ${max} characters, not ${length(String(input))}`,
      }),
      z.refine((value) => value.isWellFormed(), { error: 'must not contain a lone surrogate' }),
    )
    .register(z.globalRegistry, { minLength: min, maxLength: max });

/** An integer in a range; a string that looks like one is not one. */
export const integer = (min: number, max: number) => {
  const error = `must be an integer from ${min} to ${max}`;
  return z.int({ error }).check(z.minimum(min, { error }), z.maximum(max, { error }));
};

export const flag = z.boolean({ error: 'must be true or false' });

/** A check that has its own message for each way in which a string is wrong. */
export const saying = (problemOf: (text: string) => string | undefined) =>
  z.check<string>(({ value, issues }) => {
    const message = problemOf(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  });

export function sizeMessage(rule: SizeRule): string {
  const { separator, minPixels, maxPixels } = rule;
  const form = `width${separator}height in integers, like 1280${separator}1280`;
  return `must be ${form}, with ${minPixels} to ${maxPixels} pixels in total and a ratio from 1:4 to 4:1`;
}

export const size = (rule: SizeRule) => {
  const error = sizeMessage(rule);
  return z
    .string({ error })
    .check(z.refine((value) => !sizeFault(value, rule), { error }))
    .register(z.globalRegistry, { 'x-size': rule });
};
