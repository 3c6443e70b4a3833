/** One Lambda function of ours: bundled alone, with a role, a log group and a size of its own. */
import { fileURLToPath } from 'node:url';
import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionName, Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import { ALIASES, BANNER, MAIN_FIELDS, TARGET } from './bundling.ts';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export interface NodeFunctionProps {
  /** The folder under functions/. */
  readonly folder: string;
  readonly environment: Record<string, string>;
  readonly timeout: Duration;
  /** MB; it buys processor time too, so the functions that a caller waits for have more. */
  readonly memorySize: number;
  readonly settings: Pick<Settings, 'logRetentionDays' | 'tracing' | 'reservedConcurrency'>;
  /** Shell commands that put further files beside the bundle, in the directory that they are given. */
  readonly afterBundling?: (directory: string) => string[];
}

/** A function whose code is `functions/<folder>/handler.ts`, bundled by esbuild with only what it imports. */
export class NodeFunction extends NodejsFunction {
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
      entry: root(`functions/${props.folder}/handler.ts`),
      projectRoot: root('.'),
      depsLockFilePath: root('package-lock.json'),
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
      bundling: {
        format: OutputFormat.ESM,
        target: TARGET,
        mainFields: MAIN_FIELDS,
        banner: BANNER,
        minify: true,
        bundleAwsSDK: true,
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          afterBundling: (_, directory) => props.afterBundling?.(directory) ?? [],
        },
        esbuildArgs: Object.fromEntries(
          Object.entries(ALIASES).map(([name, file]) => [`--alias:${name}`, file]),
        ),
      },
    });
  }
}
