/** One Lambda function of ours: bundled alone, with a role, a log group and a size of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionName, Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import { functionBundle } from './bundling.ts';

export interface NodeFunctionProps {
  /** The folder under functions/. */
  readonly folder: string;
  readonly environment: Record<string, string>;
  readonly timeout: Duration;
  /** MB; it buys processor time too, and is paid while a function waits (docs/cost.md). */
  readonly memorySize: number;
  readonly settings: Pick<Settings, 'logRetentionDays' | 'tracing' | 'reservedConcurrency'>;
  /** Puts further files beside the bundle, in the directory that it is given. */
  readonly afterBundling?: (directory: string) => void;
}

/** A function whose code is `functions/<folder>/handler.ts`, bundled by esbuild with only what it imports. */
export class NodeFunction extends LambdaFunction {
  /** @param id also what the setting `reservedConcurrency` calls it, there in lower case */
  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    const reserved = props.settings.reservedConcurrency[id.toLowerCase() as FunctionName];
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: props.settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Of its own, because the one that the CDK makes may write to any log group.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    if (props.settings.tracing) {
      acknowledge(role, 'IAM5[Resource::*]', 'xray:PutTraceSegments and its like are about no resource.');
    }
    super(scope, id, {
      code: codeOf(props),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memorySize,
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
      tracing: props.settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: {
        WANHOOK_FUNCTION: props.folder,
        POWERTOOLS_METRICS_NAMESPACE: Stack.of(scope).stackName,
        ...props.environment,
      },
      logGroup,
      role,
    });
  }
}

/** An asset that is named by the hash of what it contains. */
function codeOf({ folder, settings, afterBundling }: NodeFunctionProps): Code {
  const write = (directory: string) => {
    writeFileSync(join(directory, 'index.mjs'), functionBundle(folder, settings.tracing));
    afterBundling?.(directory);
    return true;
  };
  return Code.fromAsset(fileURLToPath(new URL(`../../functions/${folder}`, import.meta.url)), {
    assetHashType: AssetHashType.OUTPUT,
    // An image must be named, and is never run: the bundle is made in this process.
    bundling: { image: DockerImage.fromRegistry('unused'), local: { tryBundle: write } },
  });
}
