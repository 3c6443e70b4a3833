/** One browser for all of these tests: each page has a context of its own, so that they share nothing but the process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { findChromium } from './support/chromium.ts';
import { fontEnvironment } from './support/fonts.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the browser listens; empty where there is none. */
    browserEndpoint: string;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const found = await findChromium();
  if (!found) {
    console.warn(
      `\nTHE PAGE IS NOT TESTED: there is no browser for ${process.platform}-${process.arch} among the npm packages. ` +
        'Name one in WANHOOK_BROWSER. Its tests are counted as skipped.\n',
    );
    project.provide('browserEndpoint', '');
    return async () => undefined;
  }
  const fonts = await mkdtemp(join(tmpdir(), 'wanhook-fonts-'));
  const server = await chromium.launchServer({
    executablePath: found.executable,
    env: { ...process.env, ...found.environment, ...(await fontEnvironment(fonts)) },
    args: ['--no-sandbox', '--disable-gpu'],
  });
  project.provide('browserEndpoint', server.wsEndpoint());
  return async () => {
    await server.close();
    await rm(fonts, { recursive: true, force: true });
  };
}
