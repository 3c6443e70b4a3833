// Runs the CDK app as the cdk command would, without needing it: `node infra/app.ts` with the context in its environment.

import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const PROJECT = resolve(import.meta.dirname, '../..');

export interface SynthesizeOptions {
  /** Where the assembly is written; emptied first. */
  readonly outdir: string;
  /** Context on top of cdk.json's; a value here replaces one there. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/**
 * Synthesizes the stack into `outdir`.
 * @returns the assembly's directory
 * @throws Error with what the app printed, when it fails.
 */
export async function synthesize(options: SynthesizeOptions): Promise<string> {
  const outdir = resolve(options.outdir);
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const cdk = JSON.parse(await readFile(join(PROJECT, 'cdk.json'), 'utf8')) as { context?: object };
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...cdk.context, ...options.context }),
  };
  try {
    await promisify(execFile)(process.execPath, ['infra/app.ts'], {
      cwd: PROJECT,
      env,
      maxBuffer: 64 * 2 ** 20,
    });
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    throw new Error(`the stack could not be synthesized:\n${stderr?.trim() || message}`, { cause });
  }
  return outdir;
}
