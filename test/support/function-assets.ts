/** The functions of a synthesized stack: where each bundle is and what its environment is made of. */
import { readAssembly } from '../../infra/local/cloud/index.ts';

export interface FunctionAsset {
  readonly logicalId: string;
  /** The folder under functions/. */
  readonly folder: string;
  readonly directory: string;
  readonly handler: string;
  readonly memorySize: number;
  /** The template's variables; a value that only a deployment knows is a placeholder. */
  readonly environment: Record<string, string>;
}

interface FunctionProperties {
  readonly Code: { readonly S3Key: string };
  readonly Handler: string;
  readonly MemorySize: number;
  readonly Environment: { readonly Variables: Record<string, unknown> };
}

/** @param assembly the directory that `cdk synth` wrote */
export async function functionAssets(assembly: string): Promise<FunctionAsset[]> {
  const { template, assets } = await readAssembly(assembly);
  return Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
    .map(([logicalId, resource]) => {
      const properties = resource.Properties as unknown as FunctionProperties;
      const variables = Object.entries(properties.Environment.Variables);
      const environment = Object.fromEntries(
        variables.map(([name, value]) => [name, typeof value === 'string' ? value : 'known-when-deployed']),
      );
      return {
        ...{ logicalId, environment, handler: properties.Handler, memorySize: properties.MemorySize },
        folder: environment.WANHOOK_FUNCTION!,
        directory: assets.get(properties.Code.S3Key)!,
      };
    });
}
