/** What goes wrong on the way: the network, the service, the key, a reload; and what a person may type. */
import { describe, expect, test } from 'vitest';
import { newKey } from '../../infra/operations/api-keys.ts';
import { textToImage } from '../system/system.ts';
import { generate, hasBrowser, picturesOf, promptOf, startPages } from './support/open-page.ts';

const CREATE = '**/v1/images/generations';

describe.skipIf(!hasBrowser)('in trouble', async () => {
  const { system, open, newOwner } = await startPages();
  const tasksOf = async (apiKey: string) =>
    (
      await system.call<{ data: { id: string; prompt: string }[] }>('GET', '/v1/tasks', undefined, {
        authorization: `Bearer ${apiKey}`,
      })
    ).body.data;

  test('offline when Generate is pressed: it is sent when the connection is back, and made once', async () => {
    const apiKey = await newOwner('offline');
    const page = await open({ apiKey });

    await page.context().setOffline(true);
    await generate(page, 'sent later');
    await page
      .getByText(/^No answer\. Next try in/)
      .first()
      .waitFor();
    await page.context().setOffline(false);

    await picturesOf(page, 1);
    expect(await tasksOf(apiKey)).toHaveLength(1);
  });

  test('an answer that is lost, and a 500: it is sent again with the same key, and made once', async () => {
    const apiKey = await newOwner('unlucky');
    const keys: (string | undefined)[] = [];
    const page = await open({
      apiKey,
      before: (opened) =>
        opened.route(CREATE, async (route) => {
          keys.push(route.request().headers()['idempotency-key']);
          // The first reaches the service, and its answer is lost on the way back.
          if (keys.length === 1) await route.fetch();
          if (keys.length === 1) return route.abort();
          return keys.length === 2 ? route.fulfill({ status: 500, body: '{}' }) : route.continue();
        }),
    });

    await generate(page, 'paid once');

    await picturesOf(page, 1);
    expect(keys.length).toBeGreaterThanOrEqual(3);
    expect(new Set(keys).size).toBe(1);
    expect(await tasksOf(apiKey)).toHaveLength(1);
  });

  test('a provider that is busy: nothing is shown as running, and it is made when the provider has room', async () => {
    await system.evolink.addFault(
      { kind: 'refuse', status: 429, code: 'rate_limit_exceeded', message: 'busy', retryAfter: 1 },
      { prompt: 'wait for room', times: 1 },
    );
    const page = await open({ apiKey: await newOwner('patient') });

    await generate(page, 'wait for room');

    await picturesOf(page, 1);
    await expect.poll(() => page.title()).toBe('1 done · Wanhook');
  });

  test('a slow network: the shape of the picture stands there at once, and the key is pressed in vain', async () => {
    const apiKey = await newOwner('slow');
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const page = await open({
      apiKey,
      before: (opened) =>
        opened.route(CREATE, async (route) => {
          await held;
          await route.continue();
        }),
    });

    await generate(page, 'pressed twice');
    await page.getByText('Sending …').first().waitFor();
    await page.getByRole('button', { name: 'Generate' }).click();
    release();

    await picturesOf(page, 1);
    expect(await tasksOf(apiKey)).toHaveLength(1);
  });

  test('a reload in the middle: the same request goes on, and the form is as it was', async () => {
    const apiKey = await newOwner('reloader');
    const page = await open({ apiKey });
    await page.route(CREATE, (route) => route.abort());
    await generate(page, 'survives a reload');
    await page
      .getByText(/^No answer\. Next try in/)
      .first()
      .waitFor();
    await page.unroute(CREATE);

    await page.reload();

    await picturesOf(page, 1);
    expect(await promptOf(page).inputValue()).toBe('survives a reload');
    expect(await tasksOf(apiKey)).toHaveLength(1);
  });

  test('two tabs: each has its own form, both see the picture', async () => {
    const apiKey = await newOwner('two-tabs');
    const first = await open({ apiKey });
    const second = await open({ apiKey, context: first.context() });

    await promptOf(second).fill('written in the second');
    await generate(first, 'made in the first');
    await picturesOf(first, 1);
    await second.getByRole('button', { name: 'Refresh' }).click();

    await second.getByRole('button', { name: /made in the first/ }).waitFor();
    expect(await promptOf(second).inputValue()).toBe('written in the second');
  });

  test('a key that is refused: the way to a new one, without the old one', async () => {
    const page = await open({ apiKey: newKey(), signedIn: false });

    await page
      .getByRole('alert')
      .getByText(/This key is not accepted/)
      .waitFor();
    await page.getByLabel('API key').fill(await newOwner('renewed'));
    await page.getByRole('button', { name: 'Sign in' }).click();

    await promptOf(page).waitFor();
    expect(await page.evaluate('sessionStorage.getItem("wanhook.key")')).not.toContain('unknown');
  });

  test('a key that expires while the page is open', async () => {
    const page = await open({ apiKey: await newOwner('expiring') });
    await page.route('**/v1/**', (route) =>
      route.fulfill({
        status: 401,
        body: '{"error":{"code":"unauthorized","message":"no","type":"authentication_error"}}',
      }),
    );

    await generate(page, 'too late');

    await page
      .getByRole('alert')
      .getByText(/This key is not accepted/)
      .waitFor();
  });

  test('a prompt of 2000 emoji is counted as 2000 characters and comes back whole', async () => {
    const apiKey = await newOwner('emoji');
    const page = await open({ apiKey });
    const prompt = '🦊'.repeat(2000);

    await generate(page, prompt);

    await picturesOf(page, 1);
    await page.getByText('2,000 / 2,000').waitFor();
    expect((await tasksOf(apiKey))[0]!.prompt).toBe(prompt);
  });

  test('one more is too many: it is said at the prompt, and nothing is sent', async () => {
    const apiKey = await newOwner('wordy');
    const page = await open({ apiKey });

    await generate(page, '🦊'.repeat(2001));

    await page.getByText('At most 2,000 characters.').waitFor();
    expect(await tasksOf(apiKey)).toEqual([]);
  });

  test('a prompt of HTML is text, wherever it stands', async () => {
    const prompt = '<img src=x onerror="document.title=1"><script>document.title=2</script><b>bold</b>';
    const page = await open({ apiKey: await newOwner('hacker') });

    await generate(page, prompt);
    await picturesOf(page, 1);

    await page.getByRole('region', { name: 'Result' }).getByText(prompt).first().waitFor();
    expect(await page.evaluate('document.querySelectorAll("main b, main script, img[src=x]").length')).toBe(
      0,
    );
    expect(await page.title()).toBe('1 done · Wanhook');
  });

  test('of more than twenty tasks the last twenty are shown', async () => {
    const apiKey = await newOwner('diligent');
    for (let made = 1; made <= 23; made += 1) {
      await system.submit(textToImage(`picture number ${made}`), { authorization: `Bearer ${apiKey}` });
    }

    const page = await open({ apiKey });

    const items = page.getByRole('region', { name: 'History' }).getByRole('listitem');
    await expect.poll(() => items.count()).toBe(20);
    await items.first().getByText('picture number 23').waitFor();
    await items.last().getByText('picture number 4', { exact: true }).waitFor();
  });

  test('nothing is asked while nothing runs, for half a minute of virtual time; while something runs, it is', async () => {
    const apiKey = await newOwner('quiet');
    await system.submit(textToImage('long done'), { authorization: `Bearer ${apiKey}` });
    await expect.poll(async () => JSON.stringify(await tasksOf(apiKey))).toContain('"completed"');
    await system.evolink.addFault({ kind: 'hold' }, { prompt: 'held' });
    const page = await open({ apiKey, before: (opened) => opened.clock.install() });
    await picturesOf(page, 1);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));

    await page.clock.runFor(30_000);
    const idle = [...asked];
    await generate(page, 'held');
    await expect.poll(() => page.title()).toContain('1 running');
    asked.length = 0;
    await page.clock.runFor(30_000);
    await expect.poll(() => asked.length).toBeGreaterThan(0);

    expect(idle).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(['GET /v1/tasks']));
    expect(asked.length).toBeLessThan(31);
  });
});
