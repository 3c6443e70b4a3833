/** The functions of a synthesized stack: where each bundle lies and what its environment is made of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FunctionAsset {
  readonly logicalId: string;
  /** The folder under functions/. */
  readonly folder: string;
  readonly directory: string;
  readonly handler: string;
  readonly memorySize: number;
  /** The template's variables; a value that only a deployment knows is a word in its place. */
  readonly environment: Record<string, string>;
}

interface LambdaResource {
  readonly Type: string;
  readonly Properties: {
    readonly Handler: string;
    readonly MemorySize: number;
    readonly Environment: { readonly Variables: Record<string, unknown> };
  };
  readonly Metadata: Record<string, string>;
}

/** @param assembly the directory that `cdk synth` wrote */
export function functionAssets(assembly: string): FunctionAsset[] {
  const template = JSON.parse(readFileSync(join(assembly, 'Wanhook.template.json'), 'utf8'));
  const resources = Object.entries(template.Resources as Record<string, LambdaResource>);
  return resources
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
    .map(([logicalId, { Properties, Metadata }]) => {
      const variables = Object.entries(Properties.Environment.Variables);
      const environment = Object.fromEntries(
        variables.map(([name, value]) => [name, typeof value === 'string' ? value : 'known-when-deployed']),
      );
      return {
        ...{ logicalId, environment, handler: Properties.Handler, memorySize: Properties.MemorySize },
        folder: environment.WANHOOK_FUNCTION!,
        directory: join(assembly, Metadata['aws:asset:path']!),
      };
    });
}
