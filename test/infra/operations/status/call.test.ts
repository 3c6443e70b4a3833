/** What may be asked of the diagnosis, and what is said of everything else. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { placesOf } from '../../../../infra/operations/redrive-places.ts';
import { readCall } from '../../../../infra/operations/status/call.ts';
import { DEAD_LETTERS } from '../../../../infra/operations/status/facts.ts';
import { outputs } from './facts.ts';

const directory = await mkdtemp(join(tmpdir(), 'wanhook-status-'));
afterAll(() => rm(directory, { recursive: true, force: true }));

async function fileWith(name: string, content: unknown): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const { AlarmTopic: _, ...withoutTopic } = outputs;
const ours = await fileWith('outputs.json', {
  'Wanhook-dev': { ...outputs, More: '1' },
  Other: { Url: 'x' },
});
const other = await fileWith('other.json', { Other: { Url: 'https://example.com' } });
const older = await fileWith('older.json', { Wanhook: withoutTopic });
const two = await fileWith('two.json', { 'Wanhook-a': outputs, 'Wanhook-b': outputs });
const text = await fileWith('text.json', 'Outputs:');

test('the outputs of the one Wanhook in the file are taken, with its name', async () => {
  expect(await readCall([ours, '--endpoint', 'http://127.0.0.1:4566', '--json'])).toMatchObject({
    file: ours,
    endpoint: 'http://127.0.0.1:4566',
    json: true,
    name: 'Wanhook-dev',
    outputs,
  });
});

test('all dead letters are looked at that can be put back', () => {
  const places = placesOf(
    JSON.stringify({ Wanhook: { ...outputs, UsageTable: 'usage', UsageMetadata: 'metadata' } }),
  );

  expect(places.map(({ name }) => name).sort()).toEqual([...DEAD_LETTERS].sort());
});

test.each([
  ['no file', [], /There must be one outputs file/],
  ['two files', [ours, other], /There must be one outputs file/],
  ['a file that is not there', [join(directory, 'nowhere.json')], /nowhere\.json/],
  ['a file that is no JSON', [text], /must be the JSON object that `cdk deploy --outputs-file` writes/],
  ['another stack', [other], /No stack of the file has the outputs of a Wanhook\nOther: /],
  ['a deployment that lacks an output', [older], /Wanhook: .*\n.*AlarmTopic/],
  ['two deployments', [two], /More than one stack of the file is a Wanhook; keep one/],
  ['an unknown option', [ours, '--fix'], /Unknown option '--fix'/],
  [
    'an endpoint that is none',
    [ours, '--endpoint', 'here'],
    /--endpoint must be an http or https URL, not here/,
  ],
])('%s is refused, and it is said what is allowed', async (_, args, message) => {
  await expect(readCall(args)).rejects.toThrow(message);
});
