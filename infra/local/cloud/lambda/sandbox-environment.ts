/** The environment of a sandbox: what Lambda sets, what the template says, and where the local services are. */

import type { Credentials } from '../aws/credentials.ts';
import type { CloudState, Endpoints } from '../cloud-state.ts';
import type { Principal } from '../iam/principal.ts';

interface Named {
  readonly name: string;
  readonly handler: string;
  readonly directory: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly logStream: string;
  readonly principal: Principal;
  readonly variables: Readonly<Record<string, string>>;
}

/** All environment variables of a function's sandboxes; nothing of this process's own environment but PATH. */
export function sandboxEnvironment(cloud: CloudState, named: Named): Record<string, string> {
  const credentials = cloud.credentials.issue(named.name, named.principal);
  return {
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(named.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: named.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: named.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: named.logStream,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LAMBDA_TASK_ROOT: named.directory,
    LANG: 'en_US.UTF-8',
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
    _HANDLER: named.handler,
    ...sdkEnvironment(cloud.region, cloud.endpoints, credentials),
    ...named.variables,
  };
}

/** What any AWS SDK needs to find the local services. */
export function sdkEnvironment(
  region: string,
  endpoints: Endpoints,
  credentials: Credentials,
): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken && { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_ENDPOINT_URL_CLOUDWATCH: endpoints.cloudwatch,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoints.dynamodb,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventbridge,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsmanager,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
  };
}
