import { join } from 'node:path';
import { expect, test } from 'vitest';
import { synthesize } from '../../../infra/local/synthesize.ts';
import { temporaryDirectory } from './cloud/stacks.ts';

test('what the app complains about is readable', async () => {
  const outdir = join(await temporaryDirectory(), 'cdk.out');

  const synthesized = synthesize({ outdir, context: { wanhook: { retentionDays: 0 } } });

  await expect(synthesized).rejects.toThrow(/could not be synthesized:[\s\S]*retentionDays/);
});
