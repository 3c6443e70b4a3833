/** The policies of AWS's own that a template may name (AWS managed policy reference). */
import { identityPolicy, type Statement } from './statement.ts';

const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const fromQueues = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const fromStreams = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
];

const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ['*'],
  'service-role/AWSLambdaBasicExecutionRole': logs,
  'service-role/AWSLambdaDynamoDBExecutionRole': [...fromStreams, ...logs],
  'service-role/AWSLambdaSQSQueueExecutionRole': [...fromQueues, ...logs],
  AWSXRayDaemonWriteAccess: [
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ],
};

/** The statements of a managed policy. @throws Error that names one that is not known here */
export function managedPolicy(arn: string): Statement[] {
  const name = arn.replace(/^arn:[^:]+:iam::aws:policy\//, '');
  const actions = ACTIONS[name];
  if (actions)
    return identityPolicy.parse({ Statement: { Effect: 'Allow', Action: [...actions], Resource: '*' } });
  throw new Error(
    `the local cloud does not know the managed policy ${arn}; it knows ${Object.keys(ACTIONS).join(', ')}`,
  );
}
