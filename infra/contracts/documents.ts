/** The documents that are generated, by their path from the project's root. */
import { readFileSync } from 'node:fs';
import { asyncApiDocument, eventJsonSchema } from './asyncapi.ts';
import { openApiDocument } from './openapi.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const documents = {
  'docs/openapi.json': () => openApiDocument(version),
  'docs/asyncapi.json': () => asyncApiDocument(version),
  'docs/event.schema.json': () => eventJsonSchema(),
};

/** @returns each document's text, as it is to be kept */
export const documentTexts = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(documents).map(([path, make]) => [path, `${JSON.stringify(make(), null, 2)}\n`]),
  );
