/**
 * `npm run promises`: runs the tests that docs/promises.md names, and writes its table: each requirement, how many cases
 * show it, and whether they passed. `npm test` fails when the page is no longer what its own run says.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { promises } from './requirements.ts';
import { fileOf } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
const shownBy = promises.flatMap(({ requirements }) =>
  requirements.flatMap((requirement) => requirement.shownBy),
);
const files = [...new Set(shownBy.map(fileOf))].map((file) => `test/${file}.test.ts`);
spawn(join(ROOT, 'node_modules/.bin/vitest'), ['run', ...files], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, WRITE_PROMISES: '1' },
}).once('exit', (code) => {
  process.exitCode = code ?? 1;
});
