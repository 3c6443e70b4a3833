/** What the bundles may weigh, and what they may not hold: each kilobyte is paid for at every cold start. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { functionAssets } from '../support/function-assets.ts';

const KILOBYTE = 1000;
/** The S3 client alone is a third of a bundle that has it. `submit` has four clients: 550 kB would be enough for the others. */
const LARGEST_WITH_S3 = 565 * KILOBYTE;
const LARGEST = 350 * KILOBYTE;

const functions = await functionAssets(inject('shared').assembly);
const bundles = await Promise.all(
  functions.map(async ({ folder, directory }) => {
    const file = join(directory, 'index.mjs');
    return { folder, bytes: (await stat(file)).size, code: await readFile(file, 'utf8') };
  }),
);

test.for(bundles)('$folder is within its budget', ({ bytes, code }) => {
  const hasS3 = code.includes('com.amazonaws.s3');

  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(hasS3 ? LARGEST_WITH_S3 : LARGEST);
});

test.for(bundles)(
  '$folder takes its credentials from the environment, without the SDK’s chain of providers',
  ({ code }) => {
    expect(code).not.toMatch(/AWS_CONTAINER_CREDENTIALS|sso_session|credential_process/);
  },
);
