import { defineConfig } from 'vitest/config';

/** Limits end a hang and measure nothing: the longest test needs 20 s alone, and a busy machine many times as much. */
const limits = { testTimeout: 300_000, hookTimeout: 300_000 };

/** One process for many files, which have most of their imports in common: each puts back what it replaces, and stops what it starts. */
const processes = { isolate: false };

/**
 * Three projects: `system` boots the synthesized stack, so its set-up synthesizes first; `browser` opens the page of such a
 * stack; `unit` needs nothing.
 */
export default defineConfig({
  test: {
    // System tests mostly wait: for a provider, a pause, a retry.
    maxWorkers: 3,
    maxConcurrency: 12,
    reporters: ['default', './test/promises/reporter.ts'],
    projects: [
      {
        test: {
          ...limits,
          ...processes,
          name: 'unit',
          // What the CDK's own rules say of the template is looked at once, by test/system/prepare-assembly.test.ts.
          env: { CDK_VALIDATION: 'false' },
          include: ['test/**/*.test.ts'],
          exclude: ['test/system/**', 'test/browser/**'],
        },
      },
      {
        test: {
          ...limits,
          ...processes,
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          globalSetup: 'test/system/global-setup.ts',
        },
      },
      {
        test: {
          ...limits,
          ...processes,
          name: 'browser',
          expect: { poll: { timeout: 60_000 } },
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/system/global-setup.ts', 'test/browser/global-setup.ts'],
        },
      },
    ],
  },
});
