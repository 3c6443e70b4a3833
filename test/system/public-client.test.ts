/** A client that EvoLink publishes, with its base address changed and nothing else. */
import { createServer } from '@evolinkai/evolink-media/dist/core/src/server.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { afterAll, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startSystem } from './system.ts';

const system = await startSystem();
afterAll(() => vi.unstubAllEnvs());

test('it generates an image, checks its task, and gets a link that opens', async () => {
  vi.stubEnv('EVOLINK_API_KEY', system.deployment.apiKey);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await createServer({ channel: 'official', baseUrl: system.cloud.apiUrl }).connect(theirs);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(ours);
  const use = async (name: string, args: Record<string, unknown>): Promise<string> => {
    const { content } = await client.callTool({ name, arguments: args });
    return (content as { text: string }[]).map(({ text }) => text).join('\n');
  };

  const submitted = await use('generate_image', {
    model: 'wan2.5-text-to-image',
    prompt: 'a paper boat 纸船',
    n: 2,
  });
  const id = /Task ID: (task_\w+)/.exec(submitted)?.[1];
  const checked = await eventually(async () => {
    const text = await use('check_task', { task_id: id });
    return text.includes('Status: completed') ? text : undefined;
  }, 'the completed task');
  await client.close();

  const links = [...checked.matchAll(/\[\d\] (http\S+)/g)].map(([, link]) => link!);
  expect(links).toHaveLength(2);
  for (const link of links) expect((await fetch(link)).headers.get('content-type')).toBe('image/png');
});
