/** A log line holds what is said and who says it, and nothing that is the same in all of them. */
import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LineFormat } from '../../../shared/runtime/line-format.ts';

const TRACE = 'Root=1-6b05bf06-9b67fcab481f43bc9301cf5e;Parent=53995c3f42cd8ad8;Sampled=';

let printed: string[];
beforeEach(() => {
  printed = [];
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  for (const method of ['info', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((line) => void printed.push(line));
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function lineOf(say: (logger: Logger) => void): Record<string, unknown> {
  say(new Logger({ serviceName: 'submit', logFormatter: new LineFormat() }));
  expect(printed).toHaveLength(1);
  return JSON.parse(printed[0]!);
}

test.each(['', `${TRACE}0`])('the message and its fields: trace %j', (trace) => {
  vi.stubEnv('_X_AMZN_TRACE_ID', trace);

  const line = lineOf((logger) => logger.info('submitted', { task: 'task_1', outcome: undefined }));

  expect(line).toEqual({
    level: 'INFO',
    message: 'submitted',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    service: 'submit',
    task: 'task_1',
  });
});

test('a trace that is recorded is named', () => {
  vi.stubEnv('_X_AMZN_TRACE_ID', `${TRACE}1`);

  expect(lineOf((logger) => logger.info('submitted'))).toMatchObject({
    xray_trace_id: '1-6b05bf06-9b67fcab481f43bc9301cf5e',
  });
});

test('an error keeps its name, its message and its cause', () => {
  const error = new TypeError('no answer', { cause: new Error('connection reset') });

  expect(lineOf((logger) => logger.error('a fault', { task: 'task_1', error }))).toMatchObject({
    level: 'ERROR',
    task: 'task_1',
    error: { name: 'TypeError', message: 'no answer', cause: { message: 'connection reset' } },
  });
});
