/** AWS::Lambda::Function and AWS::Lambda::EventInvokeConfig. */

import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { CloudState } from '../cloud-state.ts';
import type { Principal } from '../iam/principal.ts';
import { functionLog } from '../lambda/function-log.ts';
import { LocalFunction } from '../lambda/local-function.ts';
import { sandboxEnvironment } from '../lambda/sandbox-environment.ts';
import { arn, defineResource, type Placement, tags, withoutEffect } from './resource.ts';

const lambdaFunction = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string().regex(/^.+\.[^.]+$/),
  Runtime: z.literal('nodejs24.x'),
  Role: z.string(),
  MemorySize: z.int().min(128).max(10_240).default(128),
  Timeout: z.int().min(1).max(900).default(3),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()).default({}) }).optional(),
  ReservedConcurrentExecutions: z.int().min(0).optional(),
  LoggingConfig: z
    .strictObject({
      LogGroup: z.string().optional(),
      ...withoutEffect('ApplicationLogLevel', 'LogFormat', 'SystemLogLevel'),
    })
    .optional(),
  Tags: tags,
  // There is no X-Ray to send traces to, but the role has to allow it.
  TracingConfig: z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) }).optional(),
  // The machine's own architecture runs the code.
  ...withoutEffect('Architectures', 'Description', 'EphemeralStorage'),
});

const eventInvokeConfig = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.string(),
  // Nothing invokes a function asynchronously here.
  ...withoutEffect('DestinationConfig', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts'),
});

export const lambdaFunctionResources = [
  defineResource('AWS::Lambda::Function', lambdaFunction, async (properties, placement) => {
    const { logicalId, cloud } = placement;
    const name = properties.FunctionName ?? `${cloud.stackName}-${withoutHash(placement)}`;
    const functionArn = arn(cloud, 'lambda', `function:${name}`);
    const directory = await unpack(properties.Code.S3Key, placement);
    const logGroup = properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]local`;
    const streamArn = arn(cloud, 'logs', `log-group:${logGroup}:log-stream:${logStream}`);
    const principal = sessionOf(properties.Role, name, cloud);
    if (properties.TracingConfig?.Mode === 'Active') expectTracing(principal, cloud);
    const made = new LocalFunction(
      {
        logicalId,
        name,
        arn: functionArn,
        directory,
        principal,
        memoryMb: properties.MemorySize,
        timeoutSeconds: properties.Timeout,
        reservedConcurrency: properties.ReservedConcurrentExecutions,
        environment: sandboxEnvironment(cloud, {
          name,
          directory,
          logGroup,
          logStream,
          principal,
          handler: properties.Handler,
          memoryMb: properties.MemorySize,
          variables: properties.Environment?.Variables ?? {},
        }),
      },
      { ...cloud, log: functionLog({ name, streamArn, principal }, cloud) },
    );
    cloud.functions.set(logicalId, made);
    return { ref: name, attributes: { Arn: functionArn } };
  }),

  defineResource('AWS::Lambda::EventInvokeConfig', eventInvokeConfig, (_, { logicalId }) => ({
    ref: logicalId,
  })),
];

function sessionOf(role: string, name: string, { access }: CloudState): Principal {
  try {
    return access.assumeRole(role, 'lambda.amazonaws.com', name);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The role defined for the function cannot be assumed by Lambda: ${why}`, { cause });
  }
}

/** Lambda asks for one of the two permissions when the function is created, and uses both at each invocation. */
function expectTracing(principal: Principal, { access }: CloudState): void {
  for (const name of ['PutTraceSegments', 'PutTelemetryRecords']) {
    try {
      access.authorize(principal, [{ action: `xray:${name}`, resource: '*' }]);
    } catch (cause) {
      throw new Error(`The provided execution role does not have permissions to call ${name} on XRAY`, {
        cause,
      });
    }
  }
}

/** The CDK's logical ids end in eight hexadecimal digits, which tell a reader of logs nothing. */
function withoutHash({ logicalId, cloud }: Placement): string {
  const plain = logicalId.replace(/(?<=.)[0-9A-F]{8}$/, '');
  const taken = [...cloud.functions.values()].some(
    (one) => one.settings.name === `${cloud.stackName}-${plain}`,
  );
  return taken ? logicalId : plain;
}

/** Copies the bundle out of the project, where it would find modules that it does not find in Lambda. */
async function unpack(assetKey: string, { cloud }: Placement): Promise<string> {
  const source = cloud.assets.get(assetKey);
  if (!source) throw new Error(`property Code.S3Key names no asset of this assembly: ${assetKey}`);
  const directory = join(cloud.state.scratchDir, 'functions', assetKey.replace(/\.zip$/, ''));
  await cp(source, directory, { recursive: true });
  return directory;
}
