/** A stack whose one function sends any command to any service with its own credentials, and tells how it was answered. */
import { boot, entryOf, getAtt, lambda, queue, ref, role, type Stack, table } from '../stacks.ts';

export interface Answered {
  /** `ok`, or the error's name. */
  readonly name: string;
  readonly message?: string;
  readonly status?: number;
  readonly output?: unknown;
}

type ClientName =
  | 'CloudWatch'
  | 'DynamoDB'
  | 'EventBridge'
  | 'Lambda'
  | 'S3'
  | 'SecretsManager'
  | 'SNS'
  | 'SQS';

const PACKAGES: Readonly<Record<ClientName, string>> = {
  CloudWatch: 'cloudwatch',
  DynamoDB: 'dynamodb',
  EventBridge: 'eventbridge',
  Lambda: 'lambda',
  S3: 's3',
  SecretsManager: 'secrets-manager',
  SNS: 'sns',
  SQS: 'sqs',
};

const HANDLER = `
  ${Object.entries(PACKAGES)
    .map(([name, part]) => `import * as ${name} from '${entryOf(`@aws-sdk/client-${part}`)}';`)
    .join('\n')}
  import * as presigner from '${entryOf('@aws-sdk/s3-request-presigner')}';
  const packages = { ${Object.keys(PACKAGES).join(', ')} };
  export const handler = async ({ client, command, input, presign }) => {
    const sdk = packages[client].default ?? packages[client];
    const sender = new sdk[client + 'Client']({ maxAttempts: 1, forcePathStyle: true });
    const request = new sdk[command + 'Command'](input);
    if (presign) return { name: 'ok', output: await (presigner.default ?? presigner).getSignedUrl(sender, request) };
    try {
      const { Body, $metadata, ...output } = await sender.send(request);
      return { name: 'ok', output };
    } catch (error) {
      return { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode };
    }
  };`;

const Resources = {
  Things: table({
    TableName: 'things',
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'owner', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-owner',
        KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  }),
  Others: table({ TableName: 'others' }),
  Jobs: queue({ QueueName: 'jobs' }),
  Pictures: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'pictures' } },
  Key: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'key', SecretString: 'hush' } },
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'main' } },
};

export const ACCOUNT = '000000000000';
/** The one function, in an error. */
export const CALLER = `arn:aws:sts::${ACCOUNT}:assumed-role/Test-Caller/fn`;

/** Boots it with these statements in the function's role; it may be given further resources. */
export async function bootCaller(statements: readonly object[], more: Stack['Resources'] = {}) {
  const logs = { Effect: 'Allow', Action: 'logs:*', Resource: '*' };
  const cloud = await boot(
    {
      Resources: {
        ...Resources,
        Caller: role('lambda.amazonaws.com', [logs, ...statements]),
        Fn: lambda('fn', { FunctionName: 'fn', Role: getAtt('Caller', 'Arn'), Timeout: 60, MemorySize: 512 }),
        ...more,
      },
      Outputs: {
        Queue: { Value: ref('Jobs') },
        Key: { Value: ref('Key') },
      },
    },
    { code: { fn: HANDLER } },
  );
  const invoke = async (event: object): Promise<Answered> => {
    const result = await cloud.function('fn').invoke(event);
    if ('error' in result) throw new Error(result.error.errorMessage);
    return JSON.parse(result.payload) as Answered;
  };
  return {
    cloud,
    send: (client: ClientName, command: string, input: object) => invoke({ client, command, input }),
    presign: async (input: object) =>
      String((await invoke({ client: 'S3', command: 'GetObject', input, presign: true })).output),
  };
}
