/** What the template says of names, and of what must outlive a stack. */
import { describe, expect, test } from 'vitest';
import { type StackTemplate, templateOf } from '../support/template.ts';

/** The properties that AWS wants to be unique in an account and region. Without one, CloudFormation makes a name up. */
const UNIQUE: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Api': 'Name',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SecretsManager::Secret': 'Name',
};

/** With the namespaces of our own metrics: two deployments that share one would ring each other's alarms. */
function namesOf({ Resources, Outputs }: StackTemplate): string[] {
  const names = Object.values(Resources).flatMap(({ Type, Properties = {} }) => [
    Properties[UNIQUE[Type] ?? ''] ?? [],
    Type === 'AWS::CloudWatch::Alarm' ? ownNamespaces(Properties) : [],
  ]);
  const exported = Object.values(Outputs).map(({ Export }) => Export ?? []);
  return [...names, ...exported].flat(2).map((name) => JSON.stringify(name));
}

const ownNamespaces = (alarm: object): string[] =>
  [...JSON.stringify(alarm).matchAll(/"Namespace":"([^"]+)"/g)]
    .map(([, namespace = '']) => namespace)
    .filter((namespace) => !namespace.startsWith('AWS/'));

describe('stages', () => {
  const [dev, live, unnamed] = [{ stage: 'dev' }, { stage: 'live' }, {}].map((settings) =>
    namesOf(templateOf(settings)),
  ) as [string[], string[], string[]];

  test('two in one account and region share no name, nor does either with a deployment without a stage', () => {
    expect(dev).toEqual(expect.arrayContaining(['"wanhook-dev"', '"Wanhook-dev"']));
    expect(dev.filter((name) => live.includes(name) || unnamed.includes(name))).toEqual([]);
    expect(live.filter((name) => unnamed.includes(name))).toEqual([]);
  });

  test('functions count in the namespace that the alarms watch', () => {
    const { Resources } = templateOf({ stage: 'dev' });
    const namespaces = Object.values(Resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => Properties!.Environment as { Variables: Record<string, string> })
      .map(({ Variables }) => Variables.POWERTOOLS_METRICS_NAMESPACE);

    expect(new Set(namespaces)).toEqual(new Set(['Wanhook-dev']));
  });

  test.each(['Dev', '1dev', 'a_b', '', 'a'.repeat(21), 'ünit'])('%j is none', (stage) => {
    expect(() => templateOf({ stage })).toThrow(/must be 1 to 20 lowercase letters, digits and hyphens/);
  });
});

describe('what outlives the stack', () => {
  const { Resources } = templateOf();
  const kept = Object.entries(Resources).filter(([, { Type }]) =>
    ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'].includes(Type),
  );

  test.each(kept)('%s is retained, whether it is deleted or replaced', (_, resource) => {
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  // CloudFormation makes a new value whenever GenerateSecretString changes, and a new secret under another logical id.
  test('the secrets are made as they were, under the names that they had', () => {
    const secrets = Object.entries(Resources)
      .filter(([, { Type }]) => Type === 'AWS::SecretsManager::Secret')
      .map(([id, { Properties }]) => [id, Properties!.GenerateSecretString]);

    expect(Object.fromEntries(secrets)).toMatchInlineSnapshot(`
      {
        "ProviderKeys2563E0B5": {},
        "RootSecretD303C2C8": {
          "ExcludePunctuation": true,
          "PasswordLength": 64,
        },
        "SigningKeysA56F0358": {
          "ExcludePunctuation": true,
          "GenerateStringKey": "secret",
          "PasswordLength": 64,
          "SecretStringTemplate": "{"id":"1"}",
        },
        "WebhooksSecret14C8806E": {
          "ExcludePunctuation": true,
          "PasswordLength": 64,
        },
      }
    `);
  });
});
