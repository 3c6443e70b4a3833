/** Opens the page of a system in the shared browser, and looks at it. */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, expect, inject, onTestFinished } from 'vitest';
import { output } from '../../../infra/local/deploy.ts';
import { newKey, putKey } from '../../../infra/operations/api-keys.ts';
import { eventually } from '../../support/eventually.ts';
import { type System, startSystem } from '../../system/system.ts';

export const hasBrowser = inject('browserEndpoint') !== '';

const SHOTS = resolve(import.meta.dirname, '../../../.local/shots');
/** Only ends a hang, and says what was waited for before the test's own limit does. */
const PATIENCE_MS = 60_000;

export interface Look {
  readonly width: 360 | 1440;
  readonly theme: 'light' | 'dark';
}

export const looks: readonly Look[] = ([360, 1440] as const).flatMap((width) =>
  (['light', 'dark'] as const).map((theme) => ({ width, theme })),
);

export interface OpenOptions extends Partial<Look> {
  readonly apiKey?: string;
  readonly language?: string;
  /** Of an earlier page: two tabs of one browser share it. */
  readonly context?: BrowserContext;
  /** Before anything is loaded. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** Whether to wait until the form is there. */
  readonly signedIn?: boolean;
}

/** One file's Wanhook with the browser; stopped after the file's last test. */
export async function startPages() {
  const system = await startSystem();
  const browser = await chromium.connect(inject('browserEndpoint'));
  afterAll(() => browser.close());
  return {
    system,
    browser,
    open: (options: OpenOptions = {}) => openPage(browser, system, options),
    /** A further owner, who has no tasks yet. @returns the key */
    newOwner: (owner: string) => newOwner(system, owner),
  };
}

async function newOwner({ dynamodb, cloud }: System, owner: string): Promise<string> {
  const key = newKey();
  await putKey(dynamodb, output(cloud, 'KeysTable'), owner, key);
  return key;
}

async function openPage(browser: Browser, system: System, options: OpenOptions): Promise<Page> {
  const { width = 1440, theme = 'light', language = 'en-US', signedIn = true } = options;
  const context =
    options.context ??
    (await browser.newContext({
      viewport: { width, height: width === 360 ? 740 : 900 },
      colorScheme: theme,
      locale: language,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    }));
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text());
  });
  onTestFinished(async () => {
    if (!options.context) await context.close();
    expect(faults).toEqual([]);
  });
  await options.before?.(page);
  await page.goto(`${system.cloud.apiUrl}/#key=${options.apiKey ?? system.deployment.apiKey}`);
  if (signedIn) await promptOf(page).waitFor();
  return page;
}

export const promptOf = (page: Page) => page.getByRole('textbox', { name: /^(Prompt|提示词)$/ });

/** Types the prompt and presses Generate. */
export async function generate(page: Page, prompt: string): Promise<void> {
  await promptOf(page).fill(prompt);
  await page.getByRole('button', { name: 'Generate' }).click();
}

/** What the stage shows, when it shows so many pictures that have really been loaded. */
export async function picturesOf(page: Page, count: number): Promise<{ width: number; height: number }[]> {
  return eventually(async () => {
    // Text, because the page's policy forbids the page to evaluate any; its own tools may.
    const loaded = await page.evaluate<{ width: number; height: number }[]>(
      `[...document.querySelectorAll('section.stage img')]
        .filter((image) => image.complete && image.naturalWidth > 0)
        .map(({ naturalWidth, naturalHeight }) => ({ width: naturalWidth, height: naturalHeight }))`,
    );
    return loaded.length === count ? loaded : undefined;
  }, `${count} pictures`);
}

/** Chooses one of a group of radio buttons, by what is seen of it. */
export async function choose(page: Page, group: string, name: string | RegExp): Promise<void> {
  const radio = page.getByRole('radio', { name, exact: true });
  await page.getByRole('group', { name: group }).locator('label.radio', { has: radio }).click();
}

/** For a person to look at: `.local/shots/<name>-<width>-<theme>.png`. */
export async function shoot(page: Page, name: string, { width, theme }: Look): Promise<void> {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}-${width}-${theme}.png`), fullPage: true });
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong: each rule with the elements that break it. */
export async function findingsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + target + ' ' + failureSummary)))`);
}
