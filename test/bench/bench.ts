/**
 * `npm run bench`: the figures, each as a ratio against a floor that is measured in the same run, in turn with ours.
 * Single milliseconds say little about another machine; the ratios do. `-- --only usage` measures the ledger, and nothing else.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { functionAssets } from '../support/function-assets.ts';
import { startHarness } from '../support/harness.ts';
import { type ImportFigure, measureImport } from './imports.ts';
import { measureMemory } from './memory.ts';
import type { Comparison } from './statistics.ts';
import { measureCallback, measureSubmit } from './tasks.ts';
import { measureUsage, usageLines } from './usage.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
});
if (values.only !== undefined && values.only !== 'usage') {
  console.error(`--only must be usage, not ${values.only}`);
  process.exit(2);
}
const say = (text: string): void => {
  if (!values.json) console.log(text);
};

const row = ({ name, ours, floor, ratio, spread, goal }: Comparison): string =>
  [
    name.padEnd(44),
    `${ours.toFixed(1).padStart(8)} ms /${floor.toFixed(1).padStart(7)} ms = ${ratio.toFixed(2).padStart(5)}`,
    `(${spread.map((value) => value.toFixed(2)).join('–')})`,
    goal === undefined ? '' : `goal ≤${goal} ${ratio <= goal ? '✓' : '✗'}`,
  ].join('  ');

const usage = await measureUsage();
for (const line of usageLines(usage)) say(line);
if (values.only === 'usage') {
  if (values.json) console.log(JSON.stringify({ usage }, null, 2));
  process.exit();
}

const floors = await mkdtemp(join(tmpdir(), 'wanhook-bench-'));
const harness = await startHarness(['--pictures=plain', '--delay-ms=5'], say);
try {
  say('\nmedian of ours / median of the floor = median ratio of the pairs (smallest–largest)\n');
  const comparisons: Comparison[] = [];
  for (const measure of [
    () => measureSubmit(harness),
    () => measureCallback(harness, 1),
    () => measureCallback(harness, 4),
  ]) {
    comparisons.push(await measure());
    say(row(comparisons.at(-1)!));
  }
  const imports: ImportFigure[] = [];
  // Two functions of one folder have one bundle.
  const bundles = new Map((await functionAssets(harness.assembly)).map((asset) => [asset.folder, asset]));
  for (const asset of bundles.values()) {
    imports.push(await measureImport(asset, floors));
    say(`${row(imports.at(-1)!)}  ${(imports.at(-1)!.bytes / 1000).toFixed(0)} kB`);
  }
  const memory = await measureMemory(harness);
  say('\npeak memory, four images of 20 MiB through callback');
  for (const figure of memory) {
    say(
      `${figure.name.padEnd(44)}  ${String(figure.peakMebibytes).padStart(4)} of ${figure.settingMebibytes} MiB`,
    );
  }
  if (values.json) console.log(JSON.stringify({ comparisons, imports, memory, usage }, null, 2));
} finally {
  await harness.stop();
  await rm(floors, { recursive: true, force: true });
}
