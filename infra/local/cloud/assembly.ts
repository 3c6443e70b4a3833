/** Reads what `cdk synth` wrote: the one stack's template, and where the files are that it refers to. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { parseTemplate, type Template } from './template/template.ts';
import { TemplateError } from './template/template-error.ts';

export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /** Directories of the file assets, by the object key that the template gives them. */
  readonly assets: ReadonlyMap<string, string>;
}

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({ type: z.string(), properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});

const assetsSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string(), packaging: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/**
 * Reads the cloud assembly in `directory`.
 * @throws TemplateError when there is none, or it does not hold exactly one stack.
 */
export async function readAssembly(directory: string): Promise<Assembly> {
  const { artifacts } = manifestSchema.parse(await readJson(join(directory, 'manifest.json')));
  const stacks = Object.entries(artifacts).filter(
    ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
  );
  const [stack, ...others] = stacks;
  if (!stack || others.length > 0) {
    throw new TemplateError(`${directory} holds ${stacks.length} stacks; the local cloud runs exactly one`);
  }
  const [id, { properties }] = stack;
  const template = parseTemplate(await readJson(join(directory, String(properties?.templateFile))));
  const assets = new Map<string, string>();
  for (const artifact of Object.values(artifacts)) {
    if (artifact.type !== 'cdk:asset-manifest') continue;
    await readAssets(directory, String(artifact.properties?.file), assets);
  }
  return { stackName: String(properties?.stackName ?? id), template, assets };
}

async function readAssets(directory: string, file: string, assets: Map<string, string>): Promise<void> {
  const { files } = assetsSchema.parse(await readJson(join(directory, file)));
  for (const { source, destinations } of Object.values(files)) {
    for (const { objectKey } of Object.values(destinations)) {
      assets.set(objectKey, resolve(directory, source.path));
    }
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new TemplateError(`cannot read ${file}; has the stack been synthesized?`, { cause });
  }
}
