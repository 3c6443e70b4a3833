/**
 * Once for all system tests: the stand-in providers, and the stack synthesized to call them. Each test file then boots
 * a cloud of its own; accounts at the stand-ins are kept apart by their keys.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { prepareAssembly } from '../../infra/local/assembly/prepare.ts';
import { localSettings } from '../../infra/local/deploy.ts';
import { startStandIn } from '../../infra/local/start-providers.ts';
import type { ProviderName } from '../../shared/providers/definitions.ts';
import { complaints, isComplete } from '../permissions/check.ts';
import { readPage } from '../permissions/page.ts';
import { readRecords } from '../permissions/records.ts';
import { textOf } from '../support/sources.ts';

export interface SharedParts {
  /** The stand-ins' base URLs. */
  readonly providers: Readonly<Record<ProviderName, string>>;
  /** As deployed, but that a provider without callbacks is first read after 1 s instead of 10. */
  readonly assembly: string;
  /** A callback is overdue after 1 s. */
  readonly hastyAssembly: string;
  /** Where each file notes which permissions its tests needed. */
  readonly permissions: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    shared: SharedParts;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.WANHOOK_PERMISSIONS;
  const permissions = given ?? (await mkdtemp(join(tmpdir(), 'wanhook-permissions-')));
  const standIn = await startStandIn([
    '--quiet',
    '--pictures=plain',
    '--delay-ms=30',
    '--callback-retry-unit-ms=100',
  ]);
  const { providers } = standIn;
  const prepare = (more: object) =>
    prepareAssembly({
      settings: { ...localSettings, usageMetadata: ['team'], ...more },
      providerBaseUrls: providers,
    });
  const [asDeployed, hasty] = await Promise.all([
    prepare({ firstReadSeconds: 1 }),
    prepare({ firstReadSeconds: 1, overdueSeconds: 1 }),
  ]);
  project.provide('shared', {
    providers,
    assembly: asDeployed.directory,
    hastyAssembly: hasty.directory,
    permissions,
  });
  return async () => {
    await Promise.all([standIn.stop(), asDeployed.remove(), hasty.remove()]);
    if (given !== undefined) return;
    const isWhole = project.config.testNamePattern === undefined;
    if (isWhole) await checkPermissions(permissions).finally(() => rm(permissions, { recursive: true }));
    else await rm(permissions, { recursive: true });
  };
}

/** After all system tests together: each grant of the template was needed by the test that the page names. */
async function checkPermissions(directory: string): Promise<void> {
  const records = await readRecords(directory);
  if (!isComplete(records)) return;
  const wrong = complaints(readPage(textOf('docs/permissions.md')), records);
  if (wrong.length === 0) return;
  throw new Error(`docs/permissions.md is not current (npm run audit:permissions):\n${wrong.join('\n')}`);
}
