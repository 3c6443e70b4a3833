import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { synthesize } from '../../../../infra/local/assembly/synthesize.ts';
import { temporaryDirectory } from '../cloud/stacks.ts';

const project = resolve(import.meta.dirname, '../../../..');

test('what the app complains about is readable', async () => {
  const outdir = await temporaryDirectory();

  const synthesized = synthesize({ project, outdir, context: { wanhook: { retentionDays: 0 } } });

  await expect(synthesized).rejects.toThrow(
    /could not be synthesized \(exit status 1\):[\s\S]*retentionDays/,
  );
});
