/** Reference images: picked, dropped, pasted, put in order, mended; and a result that becomes one. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { png } from '../support/pictures.ts';
import { choose, generate, hasBrowser, picturesOf, startPages } from './support/open-page.ts';

const file = (name: string, buffer = png()) => ({ name, mimeType: 'image/png', buffer });

/** Hands the page a file as a drop or as a paste, which a person's hand does elsewhere. */
async function hand(page: Page, event: 'drop' | 'paste', name: string): Promise<void> {
  await page.evaluate(`(() => {
    const bytes = Uint8Array.from(atob(${JSON.stringify(png().toString('base64'))}), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], ${JSON.stringify(name)}, { type: 'image/png' }));
    const target = document.querySelector('.composer');
    const common = { bubbles: true, cancelable: true };
    if (${JSON.stringify(event)} === 'paste') {
      target.dispatchEvent(new ClipboardEvent('paste', { ...common, clipboardData: data }));
    } else {
      for (const type of ['dragenter', 'dragover', 'drop']) target.dispatchEvent(new DragEvent(type, { ...common, dataTransfer: data }));
    }
  })()`);
}

describe.skipIf(!hasBrowser)('reference images', async () => {
  const { system, open, newOwner } = await startPages();

  test('are picked, dropped and pasted, and reordered and removed by keyboard', async () => {
    const page = await open({ apiKey: await newOwner('fuser') });
    await choose(page, 'What to make', 'Fuse');

    await page.getByLabel('Add images').setInputFiles(file('picked.png'));
    await page.getByRole('button', { name: 'Image 1: picked.png' }).waitFor();
    await hand(page, 'drop', 'dropped.png');
    await page.getByRole('button', { name: 'Image 2: dropped.png' }).waitFor();
    await hand(page, 'paste', 'pasted.png');
    await page.getByRole('button', { name: 'Image 3: pasted.png' }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('button', { name: 'Image 2: pasted.png' }).waitFor();
    await page.getByRole('button', { name: 'Image 1: picked.png' }).focus();
    await page.keyboard.press('Delete');

    await page.getByRole('button', { name: 'Image 1: pasted.png' }).waitFor();
    await page.getByRole('button', { name: 'Image 2: dropped.png' }).waitFor();
    expect(await page.getByRole('button', { name: /^Image \d: / }).count()).toBe(2);
  });

  test('are sent with the prompt, and the picture that comes back becomes the next one in a click', async () => {
    const page = await open({ apiKey: await newOwner('editor') });
    await choose(page, 'What to make', 'Edit');
    await page.getByLabel('Add images').setInputFiles(file('house.png'));
    await page.getByRole('button', { name: 'Image 1: house.png' }).waitFor();

    await generate(page, 'make it winter');
    await picturesOf(page, 1);
    await page.getByRole('button', { name: 'Use as reference' }).click();

    await page
      .getByRole('button', { name: /^Image [12]: / })
      .last()
      .waitFor();
    const sent = [
      ...(await system.vtrix.calls()).requests,
      ...(await system.evolink.calls()).requests,
    ].filter((request) => JSON.stringify(request.body ?? '').includes('make it winter'));
    expect(sent).toHaveLength(1);
    expect(JSON.stringify(sent[0]!.body)).toMatch(/\/v1\/inputs\//);
  });

  test('that the models would refuse are refused before they are sent, each with what is wrong', async () => {
    const page = await open({ apiKey: await newOwner('careful') });
    await choose(page, 'What to make', 'Edit');

    await page.getByLabel('Add images').setInputFiles(file('small.png', png({ width: 100, height: 400 })));
    await page.getByText('Each side must have 384 to 5000 pixels').waitFor();
    await generate(page, 'use it anyway');

    await page.getByText('An image cannot be used as it is: see below it.').waitFor();
    const all = [...(await system.vtrix.tasks()), ...(await system.evolink.tasks())];
    expect(all.filter(({ prompt }) => prompt === 'use it anyway')).toEqual([]);
  });

  test('with transparency are filled with white on request', async () => {
    const page = await open({ apiKey: await newOwner('mender') });
    await choose(page, 'What to make', 'Edit');

    await page.getByLabel('Add images').setInputFiles(file('clear.png', png({ colourType: 6 })));
    await page.getByText('Has transparency').waitFor();
    await page.getByRole('button', { name: 'Fill white' }).click();

    await page.getByText('Has transparency').waitFor({ state: 'detached' });
  });
});
