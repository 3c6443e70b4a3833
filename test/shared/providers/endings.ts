/** How an exchange with any provider ends: each status, and each way to give no answer, has its outcome. */
import type { StatusRead } from '../../../shared/providers/provider.ts';
import type { Answer } from '../../support/server.ts';

const error = (code: string | number, message = 'No.') => ({
  error: { code, message, type: 'some_error' },
});
const refused = (status: number, code: string): object => ({
  kind: 'refused',
  status,
  error: { code, message: 'No.', type: 'some_error' },
});
const ours = (status: number): object => ({ kind: 'unauthorized', why: `status ${status}` });

/** The only ending that is waited for. */
export const SILENCE = 'silence';

export const createEndings: readonly (readonly [string, Answer, object])[] = [
  ['400', { status: 400, json: error('invalid_request') }, refused(400, 'invalid_request')],
  ['400 with an integer code', { status: 400, json: error(400) }, refused(400, '400')],
  ['402', { status: 402, json: error('insufficient_quota') }, refused(402, 'insufficient_quota')],
  ['404', { status: 404, json: error('model_not_found') }, refused(404, 'model_not_found')],
  ['413', { status: 413, json: error('too_large') }, refused(413, 'too_large')],
  ['422', { status: 422, json: error('unprocessable') }, refused(422, 'unprocessable')],
  [
    '400 without an error',
    { status: 400, body: '<html>Bad Request</html>' },
    { kind: 'refused', status: 400, error: { code: 'unknown_error', type: 'task_error' } },
  ],
  ['401, our own key', { status: 401, json: error('unauthorized') }, ours(401)],
  ['403, our own plan', { status: 403, json: error('model_access_denied') }, ours(403)],
  ['429', { status: 429 }, { kind: 'busy', retryAfterSeconds: undefined }],
  [
    '429 with a pause',
    { status: 429, headers: { 'retry-after': '7' } },
    { kind: 'busy', retryAfterSeconds: 7 },
  ],
  [
    '429 with a broken pause',
    { status: 429, headers: { 'retry-after': '-1' } },
    { retryAfterSeconds: undefined },
  ],
  [
    '429 with a date',
    { status: 429, headers: { 'retry-after': 'Fri, 02 Jan 2026 03:04:05 GMT' } },
    { kind: 'busy' },
  ],
  ['408', { status: 408 }, { kind: 'unconfirmed' }],
  ['500', { status: 500, json: error('internal_error') }, { kind: 'unconfirmed', why: 'status 500' }],
  ['502', { status: 502, json: error('upstream_error') }, { kind: 'unconfirmed' }],
  ['503', { status: 503, json: error('service_unavailable_error') }, { kind: 'unconfirmed' }],
  ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, { kind: 'unconfirmed' }],
  ['200 without JSON', { body: 'OK' }, { kind: 'unconfirmed', why: 'the answer names no task' }],
  ['200 without an id', { json: { status: 'pending' } }, { kind: 'unconfirmed' }],
  ['200 with an empty id', { json: { id: '', status: 'pending' } }, { kind: 'unconfirmed' }],
  ['200 with a list', { json: [{ id: 'p-1' }] }, { kind: 'unconfirmed' }],
  ['an endless answer', { body: 'x'.repeat(256 * 1024 + 1) }, { kind: 'unconfirmed', why: 'TOO_LARGE' }],
  [
    'half an answer',
    (response) => response.writeHead(200, { 'content-length': 99 }).write('{"id"', () => response.destroy()),
    { kind: 'unconfirmed' },
  ],
  ['a reset', (response) => response.destroy(), { kind: 'unconfirmed', why: 'ECONNRESET' }],
  [SILENCE, () => undefined, { kind: 'unconfirmed', why: 'TIMEOUT' }],
];

/** How a status read ends that brings no report about the task. */
export const readEndings: readonly (readonly [string, Answer, StatusRead['kind']])[] = [
  ['404', { status: 404, json: error('task_not_found') }, 'forgotten'],
  ['400', { status: 400, json: error('invalid_task_id') }, 'unavailable'],
  ['401', { status: 401 }, 'unavailable'],
  ['402', { status: 402 }, 'unavailable'],
  ['403', { status: 403 }, 'unavailable'],
  ['429', { status: 429 }, 'unavailable'],
  ['500', { status: 500 }, 'unavailable'],
  ['200 without JSON', { body: '<html>' }, 'unavailable'],
  ['200 with an unknown status', { json: { id: 'p-1', status: 'resting' } }, 'unavailable'],
  ['200 without a status', { json: { id: 'p-1' } }, 'unavailable'],
  ['200 without an id', { json: { status: 'completed' } }, 'unavailable'],
  ['a reset', (response) => response.destroy(), 'unavailable'],
  [SILENCE, () => undefined, 'unavailable'],
];
