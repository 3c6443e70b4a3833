/** Type, Generate, see the picture: by mouse, by keyboard alone, and what comes after it. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { type ProblemAnswer, textToImage } from '../system/system.ts';
import { choose, generate, hasBrowser, picturesOf, promptOf, startPages } from './support/open-page.ts';

/** Presses Tab until the element is focused. @throws Error when it is never reached */
async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const focused = `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.labels?.[0]?.textContent
    ?? document.activeElement.textContent).trim()`;
  const passed: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    const at = await page.evaluate<string>(focused);
    if (name.test(at)) return;
    passed.push(at.slice(0, 40));
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not reach ${name}; it passed ${passed.join(' | ')}`);
}

describe.skipIf(!hasBrowser)('the main path', async () => {
  const { system, open, newOwner } = await startPages();

  test('a prompt becomes a picture, and the focus is back at the prompt', async () => {
    const page = await open({ apiKey: await newOwner('mouse') });

    await generate(page, 'a red boat 一只红色的小船');

    expect(await picturesOf(page, 1)).toEqual([{ width: 1280, height: 1280 }]);
    expect(await page.evaluate('document.activeElement.id')).toBe('prompt');
    await expect.poll(() => page.title()).toBe('1 done · Wanhook');
    const request = (await system.evolink.calls()).requests.findLast(({ method }) => method === 'POST');
    expect(request).toMatchObject({ body: { prompt: 'a red boat 一只红色的小船' } });
  });

  test('all of it by keyboard alone', async () => {
    const page = await open({ apiKey: await newOwner('keyboard') });

    await tabTo(page, /^Prompt/);
    await page.keyboard.type('a fox at night');
    await page.keyboard.press('Control+Enter');
    await picturesOf(page, 1);
    expect(await page.evaluate('document.activeElement.id')).toBe('prompt');
    await tabTo(page, /^Open image 1 large/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await tabTo(page, /^Again with these/);
    await page.keyboard.press('Enter');

    expect(await promptOf(page).inputValue()).toBe('a fox at night');
  });

  test('a screen reader hears that it was sent, and that it is done', async () => {
    const page = await open({ apiKey: await newOwner('listener') });
    await page.evaluate(`window.heard = []; new MutationObserver(() => {
      heard.push(document.querySelector('div[role=status]').textContent);
    }).observe(document.querySelector('div[role=status]'), { childList: true, subtree: true, characterData: true })`);

    await generate(page, 'a bell');
    await picturesOf(page, 1);

    await expect
      .poll(() => page.evaluate<string[]>('heard.filter(Boolean)'))
      .toEqual(expect.arrayContaining(['Sent. The picture is being made.', 'Done: 1 image.']));
  });

  test('several pictures at another shape: seen large, turned by arrow keys', async () => {
    const page = await open({ apiKey: await newOwner('viewer') });

    await choose(page, 'Size', /^1104 × 1472/);
    await choose(page, 'Images', '3');
    await generate(page, 'three cats');
    const sizes = await picturesOf(page, 3);
    await page.getByRole('button', { name: 'Open image 2 large' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('img', { name: /^Image 2 of 3/ }).waitFor();
    await page.keyboard.press('ArrowRight');

    expect(sizes).toEqual(Array(3).fill({ width: 1104, height: 1472 }));
    await dialog.getByRole('img', { name: /^Image 3 of 3/ }).waitFor();
  });

  test('a size of one’s own is checked while it is typed', async () => {
    const page = await open({ apiKey: await newOwner('sizes') });

    await choose(page, 'Size', 'Custom');
    await page.getByLabel('Width').fill('4000');
    await page.getByLabel('Height').fill('500');
    await promptOf(page).focus();

    await page.getByText(/^From [\d,]+ to [\d,]+ pixels in total\.|^No narrower than/).waitFor();
    expect((await system.call<{ data: unknown[] }>('GET', '/v1/tasks')).body.data).toEqual([]);
  });

  test('what the API refuses stands at its field, and nothing is shown as running', async () => {
    const page = await open({ apiKey: await newOwner('refused') });
    // What the page itself would not let through.
    const tooLong = 'x'.repeat(2001);
    await page.route('**/v1/images/generations', (route) =>
      route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), prompt: tooLong }) }),
    );
    const { body } = await system.submit<ProblemAnswer>(textToImage(tooLong));

    await generate(page, 'refused');

    const problem = page.locator('#prompt-problem');
    await problem.waitFor();
    const prompt = promptOf(page);
    expect(`prompt ${await problem.textContent()}`.toLowerCase()).toBe(body.error.message.toLowerCase());
    expect(await prompt.getAttribute('aria-invalid')).toBe('true');
    expect(await prompt.getAttribute('aria-describedby')).toContain('prompt-problem');
    expect(await page.title()).toBe('Wanhook');
  });

  test('a failure is said in words, with what to do', async () => {
    await system.evolink.addFault({ kind: 'fail' }, { prompt: 'forbidden' });
    const page = await open({ apiKey: await newOwner('failing') });

    await generate(page, 'forbidden fruit');

    await page
      .getByRole('region', { name: 'Result' })
      .getByText('The content policy refused this. Word it differently, or use other images.')
      .waitFor();
  });

  test('text and images come in their order', async () => {
    const page = await open({ apiKey: await newOwner('mixed') });

    await choose(page, 'What to make', 'Text & images');
    await generate(page, 'how to fold a crane');
    await page.locator('section.stage img').first().waitFor();
    const kinds = await page.evaluate<string[]>(
      `[...document.querySelectorAll('section.stage .mixed > *')].map((part) => part.matches('.text') ? 'text' : 'image')`,
    );

    expect(kinds).toContain('text');
    expect(kinds).toContain('image');
    const [made] = (await system.vtrix.tasks()).filter(({ prompt }) => prompt === 'how to fold a crane');
    expect(made).toBeDefined();
  });

  test('the history has what other services of the owner made, by state, and hides what is not wanted', async () => {
    const apiKey = await newOwner('historian');
    const send = (prompt: string) =>
      system.submit(textToImage(prompt), { authorization: `Bearer ${apiKey}` });
    await system.evolink.addFault({ kind: 'fail' }, { prompt: 'broken by others' });
    await system.evolink.addFault({ kind: 'hold' }, { prompt: 'held by others' });
    await send('made by others');
    await send('broken by others');
    const { body: held } = await send('held by others');
    const page = await open({ apiKey });
    const history = page.getByRole('region', { name: 'History' });
    const items = history.getByRole('listitem');

    await expect.poll(() => page.title()).toBe('1 running · 1 done · Wanhook');
    expect(await items.count()).toBe(3);
    await choose(page, 'Show', 'Failed');
    await expect.poll(() => items.count()).toBe(1);
    await choose(page, 'Show', 'All');
    await history.getByRole('button', { name: /made by others/ }).click();
    await picturesOf(page, 1);
    await page.getByRole('button', { name: 'Hide', exact: true }).click();
    await expect.poll(() => items.count()).toBe(2);
    const [made] = (await system.evolink.tasks()).filter(({ prompt }) => prompt === 'held by others');
    await system.evolink.complete(made!.id);
    await expect.poll(() => page.title(), { timeout: 100_000 }).toBe('1 done · Wanhook');
    expect(held.status).toBe('pending');
  });
});
