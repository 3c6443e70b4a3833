/** Runs the CDK app as the cdk command would, without needing it: `node infra/app.ts`, told by its environment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface SynthesizeOptions {
  /** The directory with cdk.json and infra/app.ts. */
  readonly project: string;
  /** Where the assembly is written; an empty directory, or none yet. */
  readonly outdir: string;
  /** Context on top of cdk.json's; a value here replaces one there. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Whether the CDK checks the template against its rules, and writes `validation-report.json`. */
  readonly validate?: boolean;
  /** Told which function is being bundled. */
  readonly progress?: (line: string) => void;
}

/** What the CDK prints before each bundle: `Bundling asset Wanhook/Functions/Submit/Code/Stage...`. */
const BUNDLING = /^Bundling asset .*?([^/]+)\/Code\/Stage/;

/**
 * Synthesizes the stack into `outdir`.
 * @throws Error with what the app printed, when it fails
 */
export async function synthesize(options: SynthesizeOptions): Promise<void> {
  const { project, context, validate = false, progress } = options;
  const outdir = resolve(options.outdir);
  const cdk = JSON.parse(await readFile(join(project, 'cdk.json'), 'utf8')) as { context?: object };
  const app = spawn(process.execPath, ['infra/app.ts'], {
    cwd: project,
    env: {
      ...appEnvironment(),
      // Its cache of compiled modules would stay behind in the temporary folder.
      NODE_DISABLE_COMPILE_CACHE: '1',
      // The CDK's own rules for templates take longer than all the rest: a run on this machine does without them.
      CDK_VALIDATION: String(validate),
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdk.context, ...context }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(app, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const printed: string[] = [];
  for await (const line of createInterface(app.stderr)) {
    printed.push(line);
    const bundled = BUNDLING.exec(line)?.[1];
    if (bundled) progress?.(`  bundling ${bundled}`);
  }
  const [code, signal] = await exited;
  if (code !== 0) {
    throw new Error(
      `The stack could not be synthesized (${signal ?? `exit status ${code}`}):\n${printed.join('\n').trim()}`,
    );
  }
}

/** Nothing else of our own environment reaches the app, so that nothing else can change what it writes. */
function appEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
