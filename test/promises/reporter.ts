/**
 * Holds docs/promises.md against what ran. A run that left out a file or a test of the table says nothing; a whole one
 * fails when the page says otherwise, and writes it when `WRITE_PROMISES` is set (`npm run promises`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { promises } from './requirements.ts';
import { fileOf, judge, type Ran, withTable } from './table.ts';

const TESTS = join(import.meta.dirname, '..');
const PAGE = join(TESTS, '../docs/promises.md');

export default class PromisesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const runs = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => ranOf(module, test)),
    );
    if (!isWhole(runs)) return;
    const page = readFileSync(PAGE, 'utf8');
    const current = withTable(page, promises, runs);
    if (process.env.WRITE_PROMISES) {
      writeFileSync(PAGE, current);
      say(runs);
    } else if (page !== current) {
      console.error('docs/promises.md does not say what these tests say: npm run promises writes it anew');
      process.exitCode = 1;
    }
  }
}

function ranOf(module: TestModule, test: TestCase): Ran {
  const file = relative(TESTS, module.moduleId).replace(/\.test\.ts$/, '');
  const { state } = test.result();
  return { file, name: test.fullName, state: state === 'pending' ? 'skipped' : state };
}

/** Every file of the table ran, and of none a part alone. */
function isWhole(runs: readonly Ran[]): boolean {
  const ran = new Set(runs.map(({ file }) => file));
  const wanted = new Set(
    promises.flatMap(({ requirements }) => requirements.flatMap(({ shownBy }) => shownBy.map(fileOf))),
  );
  return (
    [...wanted].every((file) => ran.has(file)) &&
    !runs.some(({ file, state }) => state === 'skipped' && wanted.has(file))
  );
}

function say(runs: readonly Ran[]): void {
  for (const { name, requirements } of promises) {
    for (const { requirement, verdict, cases } of requirements.map((each) => judge(each, runs))) {
      console.log(
        `${name.padStart(8)}  ${verdict.padEnd(9)} ${String(cases).padStart(5)}  ${requirement.says}`,
      );
    }
  }
}
