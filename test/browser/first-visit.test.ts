/** What a first visit costs, what a second one saves, and that nothing moves while it loads. */
import type { Page, Request } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasBrowser, startPages } from './support/open-page.ts';

const MOST_BYTES = 60_000;

describe.skipIf(!hasBrowser)('a visit', async () => {
  const { system, open, newOwner } = await startPages();
  const { apiUrl } = system.cloud;

  /** The page's requests from before it is loaded until its history is there. */
  async function visit(apiKey: string, before: (page: Page) => Promise<void> = async () => undefined) {
    const requests: Request[] = [];
    const page = await open({
      apiKey,
      before: async (opened) => {
        opened.on('requestfinished', (request) => requests.push(request));
        await before(opened);
      },
    });
    await page.getByText('Nothing yet.').waitFor();
    return { page, requests };
  }

  const pathOf = (request: Request) => new URL(request.url()).pathname.replace(/-[0-9a-f]{16}/, '-#');

  test('asks for a document, a script, a style sheet, and the history: no more, and nobody else', async () => {
    const { requests } = await visit(await newOwner('first'));

    const asked = requests.map(pathOf).filter((path) => path !== '/assets/icon-#.svg');
    expect(asked.toSorted()).toEqual(['/', '/assets/main-#.css', '/assets/main-#.js', '/v1/tasks']);
    expect(new Set(requests.map((request) => new URL(request.url()).origin))).toEqual(new Set([apiUrl]));
    const sizes = await Promise.all(requests.map((request) => request.sizes()));
    const bytes = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
    console.log(`A first visit: ${requests.length} requests, ${bytes} bytes of bodies`);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  test('sends the key in no address, and keeps it in none', async () => {
    const key = await newOwner('secret');
    const { page, requests } = await visit(key);

    expect(requests.filter((request) => request.url().includes(key))).toEqual([]);
    expect(page.url()).toBe(`${apiUrl}/`);
    expect(await page.evaluate('sessionStorage.getItem("wanhook.key")')).toContain(key);
    expect(await page.evaluate('JSON.stringify(localStorage) + document.cookie')).not.toContain(key);
  });

  test('paints its largest element, and moves nothing', async () => {
    const { page } = await visit(await newOwner('painter'));

    const figures = await page.evaluate<{ largest: number; shift: number }>(`new Promise((resolve) => {
      const figures = { largest: 0, shift: 0 };
      new PerformanceObserver((list) => { for (const { startTime } of list.getEntries()) figures.largest = startTime; })
        .observe({ type: 'largest-contentful-paint', buffered: true });
      new PerformanceObserver((list) => { for (const { value } of list.getEntries()) figures.shift += value; })
        .observe({ type: 'layout-shift', buffered: true });
      requestAnimationFrame(() => setTimeout(() => resolve(figures), 100));
    })`);
    console.log(`Largest paint after ${Math.round(figures.largest)} ms, layout shift ${figures.shift}`);
    expect(figures.largest).toBeGreaterThan(0);
    expect(figures.shift).toBe(0);
  });

  test('a second visit loads no asset again', async () => {
    const key = await newOwner('returning');
    const { page } = await visit(key);
    const requests: Request[] = [];
    page.on('requestfinished', (request) => requests.push(request));

    await page.reload();
    await page.getByText('Nothing yet.').waitFor();

    const fromServer: string[] = [];
    for (const request of requests) {
      const response = await request.response();
      const sizes = await request.sizes();
      if (sizes.responseBodySize > 0 && response!.status() !== 304) fromServer.push(pathOf(request));
    }
    expect(fromServer.filter((path) => path.startsWith('/assets/'))).toEqual([]);
  });
});
