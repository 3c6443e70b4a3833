import { defineConfig } from 'vitest/config';

const base = { testTimeout: 30_000, hookTimeout: 60_000 };

/** Two projects: `system` boots the synthesized stack, so its set-up synthesizes first; the rest needs nothing. */
export default defineConfig({
  test: {
    // System tests mostly wait: for a provider, a pause, a retry.
    maxWorkers: 3,
    maxConcurrency: 12,
    projects: [
      { test: { ...base, name: 'parts', include: ['test/**/*.test.ts'], exclude: ['test/system/**'] } },
      {
        test: {
          ...base,
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          globalSetup: 'test/system/global-setup.ts',
        },
      },
    ],
  },
});
