/** Serves the page: the document is asked for again each time, what it names never (its names change with the content). */
import { type HttpEvent, type HttpResult, json } from '../../shared/http/api.ts';
import { namesTag } from '../../shared/http/entity-tag.ts';
import { encodingFor } from './accept-encoding.ts';
import type { PageFile } from './page-file.ts';

const YEAR_SECONDS = 31_536_000;

/**
 * @param files all of the page, the document among them
 * @param securityHeaders sent with every answer
 */
export function pageServer(files: readonly PageFile[], securityHeaders: Readonly<Record<string, string>>) {
  const byName = new Map(files.map((file) => [file.name, file]));
  return (event: HttpEvent): HttpResult => {
    const { name = '' } = event.pathParameters ?? {};
    const file = byName.get(name);
    return file ? answer(file, event, securityHeaders) : unknownFile(securityHeaders);
  };
}

function answer(
  file: PageFile,
  { headers }: HttpEvent,
  securityHeaders: Readonly<Record<string, string>>,
): HttpResult {
  const answerHeaders = {
    ...securityHeaders,
    'content-type': file.contentType,
    'cache-control': file.name === '' ? 'no-cache' : `public, max-age=${YEAR_SECONDS}, immutable`,
    etag: file.entityTag,
    vary: 'accept-encoding',
  };
  if (namesTag(headers['if-none-match'], file.entityTag)) return { statusCode: 304, headers: answerHeaders };
  const encoding = encodingFor(headers['accept-encoding']);
  if (encoding === 'identity') return { statusCode: 200, headers: answerHeaders, body: file.text };
  return {
    statusCode: 200,
    headers: { ...answerHeaders, 'content-encoding': encoding },
    body: file[encoding],
    isBase64Encoded: true,
  };
}

const unknownFile = (securityHeaders: Readonly<Record<string, string>>): HttpResult =>
  json(
    404,
    {
      error: {
        code: 'not_found',
        message: 'The page has no such file: it may be one of an earlier version. Load the page again',
        type: 'invalid_request_error',
      },
    },
    { ...securityHeaders, 'cache-control': 'no-store' },
  );
