/** How each state looks, at both widths and in both themes: axe finds nothing, and a person may look at `.local/shots/`. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { newKey } from '../../infra/operations/api-keys.ts';
import { textToImage } from '../system/system.ts';
import {
  findingsOf,
  hasBrowser,
  type Look,
  looks,
  picturesOf,
  shoot,
  startPages,
} from './support/open-page.ts';

describe.skipIf(!hasBrowser)('the page looks right', async () => {
  const { system, open, newOwner } = await startPages();
  const owners = { nobody: await newOwner('nobody'), busy: await newOwner('busy') };

  /** Twenty tasks and more, the last of them one of each kind. */
  beforeAll(async () => {
    const send = async (body: object) => {
      const answer = await system.submit(body, { authorization: `Bearer ${owners.busy}` });
      expect(answer.status).toBe(200);
    };
    for (let made = 0; made < 17; made += 1) {
      await send(textToImage(`小船 ${made} on a lake`, { size: made % 3 === 0 ? '1104x1472' : '1280x1280' }));
    }
    await system.evolink.addFault({ kind: 'fail' }, { prompt: 'forbidden fruit' });
    await system.evolink.addFault({ kind: 'hold' }, { prompt: 'held' });
    await send(textToImage('four red boats 四只红色的小船', { n: 4 }));
    await send({
      model: 'wan26_i2i',
      input: { messages: [{ role: 'user', content: [{ text: 'how to fold a crane' }] }] },
      parameters: { enable_interleave: true, n: 1 },
    });
    await send(textToImage('forbidden fruit'));
    await send(textToImage('held back, and so still running'));
  });

  async function see(page: Page, name: string, look: Look): Promise<void> {
    await shoot(page, name, look);
    expect.soft(await findingsOf(page), `${name} at ${look.width}, ${look.theme}`).toEqual([]);
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect.soft(overflow, `${name} at ${look.width} is wider than its window`).toBe(0);
  }

  test.each(looks)('$width px, $theme: empty, and an error while composing', async (look) => {
    const page = await open({ ...look, apiKey: owners.nobody });
    await page.getByText('Your pictures appear here').waitFor();
    await see(page, 'empty', look);

    await page.getByRole('button', { name: 'Generate' }).click();
    await page.getByText('Describe what you want to see.').waitFor();
    await see(page, 'error', look);
  });

  test.each(looks)('$width px, $theme: running, done, mixed output, failed, history', async (look) => {
    const page = await open({ ...look, apiKey: owners.busy });
    const history = page.getByRole('region', { name: 'History' });
    const pick = (prompt: string) => history.getByRole('button', { name: new RegExp(prompt) }).click();

    await pick('held back');
    await page
      .getByRole('region', { name: 'Result' })
      .getByText(/^(Waiting|Running) ·/)
      .waitFor();
    await see(page, 'running', look);
    await pick('four red boats');
    await picturesOf(page, 4);
    await see(page, 'done', look);
    await pick('how to fold a crane');
    await page.locator('section.stage .mixed img').first().waitFor();
    await see(page, 'mixed', look);
    await pick('forbidden fruit');
    await page.getByText(/The content policy refused this/).waitFor();
    await see(page, 'failed', look);
    await history.scrollIntoViewIfNeeded();
    await see(page, 'history', look);
  });

  test.each(looks)('$width px, $theme: signing in', async (look) => {
    const page = await open({ ...look, apiKey: newKey(), signedIn: false });
    await page.getByRole('alert').waitFor();
    await see(page, 'sign-in', look);
  });

  test('in Chinese', async () => {
    const look = looks[2]!;
    const page = await open({ ...look, apiKey: owners.nobody, language: 'zh-CN' });
    await page.getByRole('button', { name: '生成' }).waitFor();
    await see(page, 'chinese', look);
  });
});
