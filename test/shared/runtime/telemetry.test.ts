/** Metrics as CloudWatch reads them from the log, and that nobody outside makes a new one. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { COUNTED } from '../../../infra/constructs/counted-alarms.ts';
import { errorCodes } from '../../../infra/contracts/errors.ts';
import { documentedCodes } from '../../../shared/models/wan26_i2i-codes.ts';
import { type CountedMetric, reasonFor } from '../../../shared/runtime/metrics.ts';
import { telemetry } from '../../../shared/runtime/telemetry.ts';

const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Wanhook');
  // Powertools prints with a console of its own, but in development mode, where it prints no metrics unless it is told to.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The counts as CloudWatch makes metrics of them: a set of dimensions with their values for each. */
function metricsIn(line: string): Record<string, string>[] {
  const document = JSON.parse(line);
  return document._aws.CloudWatchMetrics.flatMap(({ Dimensions }: { Dimensions: string[][] }) =>
    Dimensions.map((names) => Object.fromEntries(names.map((name) => [name, document[name]]))),
  );
}

test('a count has its function, its reason and its model', () => {
  telemetry('submit').count('TaskSubmitted', 'accepted', 'wan26_i2i');

  expect(lines.map((line) => JSON.parse(line).TaskSubmitted)).toEqual([1]);
  expect(metricsIn(lines[0]!)).toEqual([{ service: 'submit', reason: 'accepted', model: 'wan26_i2i' }]);
});

test('without a reason a count has its function alone', () => {
  telemetry('submit').count('CreateUnrecorded');

  expect(metricsIn(lines[0]!)).toEqual([{ service: 'submit' }]);
});

test('measures share a line, each with its unit, and go under the closed values of what splits them', () => {
  const one = telemetry('publish');
  one.measure({ CallbackToEvent: [20, 1500], ArchivedBytes: 7 }, { model: 'wan26_i2i' });
  one.measure({ Charged: 0.25 }, { model: 'wan26_i2i', currency: 'USD' });
  one.measure({ OpenBeyond25Hours: 0 });
  one.measure({ Charged: 1 }, { model: 'their own', currency: 'XYZ' });

  const [first] = lines.map((line) => JSON.parse(line));
  expect(first).toMatchObject({ CallbackToEvent: [20, 1500], ArchivedBytes: 7 });
  expect(first._aws.CloudWatchMetrics[0].Metrics).toEqual([
    { Name: 'CallbackToEvent', Unit: 'Milliseconds' },
    { Name: 'ArchivedBytes', Unit: 'Bytes' },
  ]);
  expect(lines.flatMap(metricsIn)).toEqual([
    { service: 'publish', model: 'wan26_i2i' },
    { service: 'publish', model: 'wan26_i2i', currency: 'USD' },
    { service: 'publish' },
    { service: 'publish', model: 'other', currency: 'other' },
  ]);
});

test.each([
  ['a code that a provider makes up', 'quota_0f3a'],
  ['one with an address in it', 'https://evil.example.com/?q=1'],
  ['a long one', 'x'.repeat(2000)],
  ['one that every object has', 'constructor'],
  ['one in other letters', 'UNAUTHORIZED'],
])('%s makes no metric of its own: it is counted as other', (_, text) => {
  telemetry('submit').count('RequestRefused', text);
  telemetry('publish').count('EventRefused', text);
  telemetry('submit').count('TaskSubmitted', 'refused', text);

  expect(lines.flatMap(metricsIn)).toEqual([
    { service: 'submit', reason: 'other' },
    { service: 'publish', reason: 'other' },
    { service: 'submit', reason: 'refused', model: 'other' },
  ]);
  expect(lines.join()).not.toContain(text);
});

test('every code of ours that a caller may be told is a reason of its own', () => {
  const ofModels = new Set<string>(documentedCodes.map(({ code }) => code));
  const codes = Object.values(errorCodes)
    .flatMap((ofStatus) => Object.keys(ofStatus))
    .filter((code) => !ofModels.has(code) && code !== 'internal_error');

  expect(codes).toContain('idempotency_key_reused');
  expect(codes.filter((code) => reasonFor('RequestRefused', code) !== code)).toEqual([]);
});

test('every reason that an alarm watches is one that is counted', () => {
  const watched = COUNTED.flatMap(({ metricName, reasons = [] }) =>
    reasons.map((reason) => [metricName as CountedMetric, reason] as const),
  );

  expect(watched.length).toBeGreaterThan(3);
  expect(watched.filter(([metric, reason]) => reasonFor(metric, reason) !== reason)).toEqual([]);
});
