/** What a cloud starts and makes on the machine is gone when it has stopped, has failed to boot, or was killed. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLocalCloud } from '../../../../infra/local/cloud/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { descendants, isAlive, startedSince, startProgram } from './processes.ts';
import { boot, lambda, queue, type Stack, table, temporaryDirectory, writeAssembly } from './stacks.ts';

const stack: Stack = { Resources: { Jobs: queue(), Things: table(), Fn: lambda('fn') } };
const code = { fn: 'export const handler = async () => process.pid;' };

/** A temporary folder for this test alone. */
async function temporaryFolder(): Promise<string> {
  const folder = await temporaryDirectory();
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

test('stopping ends every process that was started, and leaves nothing behind', async () => {
  const assembly = await writeAssembly(stack, code);
  const tmp = await temporaryFolder();
  const before = await descendants();
  const cloud = await startLocalCloud({ assembly });
  await cloud.function('Fn').invoke({});
  const used = await readdir(tmp);
  const started = await startedSince(before);

  await cloud.stop();

  expect(started.length).toBeGreaterThanOrEqual(3);
  await eventually(() => !started.some(isAlive), 'the end of all processes');
  expect(used).toHaveLength(1);
  expect(await readdir(tmp)).toEqual([]);
  await expect(fetch(cloud.apiUrl)).rejects.toThrow();
});

test('all who stop a cloud wait until it has stopped', async () => {
  const assembly = await writeAssembly(stack, code);
  const tmp = await temporaryFolder();
  const cloud = await startLocalCloud({ assembly });

  void cloud.stop();
  await cloud.stop();

  expect(await readdir(tmp)).toEqual([]);
});

const failingBoots: [string, () => Promise<{ stack?: Stack; options?: object; complaint: string }>][] = [
  [
    'a property that is not known',
    async () => ({
      stack: { Resources: { ...stack.Resources, Zzz: { Type: 'AWS::SQS::Queue', Properties: { Wish: 1 } } } },
      complaint: 'Wish',
    }),
  ],
  [
    'a port that is taken',
    async () => {
      const port = Number(new URL((await boot(stack, { code })).apiUrl).port);
      return { options: { port }, complaint: `cannot listen on 127.0.0.1:${port}` };
    },
  ],
  [
    'a state that is in use',
    async () => {
      const stateDir = await temporaryDirectory();
      await boot(stack, { code, stateDir });
      return { options: { stateDir }, complaint: 'in use by another local cloud' };
    },
  ],
  [
    'tables that are no database',
    async () => {
      const stateDir = await temporaryDirectory();
      await writeFile(join(stateDir, 'tables.db'), 'no database at all'.repeat(1000));
      return { options: { stateDir, dynamodbEndpoint: undefined }, complaint: 'dynoxide did not start' };
    },
  ],
  [
    'a DynamoDB server elsewhere that does not answer',
    async () => ({
      options: { dynamodbEndpoint: 'http://127.0.0.1:1/' },
      complaint: 'no DynamoDB server answers at http://127.0.0.1:1',
    }),
  ],
  [
    'an events file that cannot be opened',
    async () => {
      const eventsFile = await temporaryDirectory();
      return { options: { eventsFile }, complaint: 'EISDIR' };
    },
  ],
];

test.each(failingBoots)('a boot that fails at %s leaves nothing', async (_, prepare) => {
  const { stack: failing = stack, options = {}, complaint } = await prepare();
  const assembly = await writeAssembly(failing, code);
  const tmp = await temporaryFolder();
  const before = await descendants();

  await expect(startLocalCloud({ assembly, ...options })).rejects.toThrow(complaint);

  await eventually(async () => (await startedSince(before)).length === 0, 'the end of all processes');
  expect(await readdir(tmp)).toEqual([]);
});

test('the children die with a cloud that is killed', async () => {
  const assembly = await writeAssembly(stack, code);
  const program = startProgram(`
    const cloud = await startLocalCloud({ assembly: ${JSON.stringify(assembly)} });
    await cloud.function('Fn').invoke({});
    console.log('ready');`);
  await program.started();
  const started = await descendants(program.pid);

  program.kill('SIGKILL');

  expect(started.length).toBeGreaterThanOrEqual(3);
  await eventually(() => !started.some(isAlive), 'the end of all processes');
});

test('a state directory that is there already may be deep, and gets its files', async () => {
  const stateDir = join(await temporaryDirectory(), 'a', 'b');
  await mkdir(stateDir, { recursive: true });

  await boot(stack, { code, stateDir });

  expect(await readdir(stateDir)).toEqual(expect.arrayContaining(['cloud.db', 'objects']));
});
