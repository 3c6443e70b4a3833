/** Generates a secret as a template's GenerateSecretString asks for it. */
import { randomInt } from 'node:crypto';
import * as z from 'zod';

export const generateSecretString = z.strictObject({
  PasswordLength: z.int().min(1).max(4096).default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludeLowercase: z.boolean().default(false),
  ExcludeNumbers: z.boolean().default(false),
  ExcludePunctuation: z.boolean().default(false),
  ExcludeUppercase: z.boolean().default(false),
  IncludeSpace: z.boolean().default(false),
  RequireEachIncludedType: z.boolean().default(true),
  SecretStringTemplate: z.string().optional(),
  GenerateStringKey: z.string().optional(),
});

export type GenerateSecretString = z.output<typeof generateSecretString>;

const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/**
 * A random password; inside the JSON of SecretStringTemplate, when there is one.
 * @throws Error when no character is left to choose from.
 */
export function generateSecret(options: GenerateSecretString): string {
  const kinds = [
    options.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    options.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    options.ExcludeNumbers ? '' : '0123456789',
    options.ExcludePunctuation ? '' : PUNCTUATION,
    options.IncludeSpace ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !options.ExcludeCharacters.includes(character)))
    .filter((kind) => kind.length > 0);
  if (kinds.length === 0) throw new Error('GenerateSecretString excludes every character');
  const password = randomCharacters(options.PasswordLength, kinds, options.RequireEachIncludedType);
  if (options.SecretStringTemplate === undefined) return password;
  const template = JSON.parse(options.SecretStringTemplate) as object;
  return JSON.stringify({ ...template, [options.GenerateStringKey ?? 'password']: password });
}

/** Draws again until every kind occurs, when each has to: no position is then favoured. */
function randomCharacters(length: number, kinds: readonly string[][], each: boolean): string {
  const all = kinds.flat();
  for (;;) {
    const characters = Array.from({ length }, () => all[randomInt(all.length)] as string);
    const complete = kinds.every((kind) => characters.some((character) => kind.includes(character)));
    if (complete || !each || length < kinds.length) return characters.join('');
  }
}
