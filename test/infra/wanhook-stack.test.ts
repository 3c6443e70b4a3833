/** What the template says of names, and of what must outlive a stack. */
import { describe, expect, test } from 'vitest';
import { NodeFunction } from '../../infra/constructs/node-function.ts';
import { functionNames } from '../../infra/settings.ts';
import { type StackTemplate, stackOf, templateOf } from '../support/template.ts';

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

describe('settings that operators turn', () => {
  const resources = (settings: object, type: string) =>
    Object.values(templateOf(settings).Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties);
  const plain = templateOf();
  const ofPlain = (type: string) => Object.values(plain.Resources).filter(({ Type }) => Type === type);

  test('nothing is traced, archived or open to another account unless an operator says so', () => {
    const traced = ofPlain('AWS::Lambda::Function').filter(({ Properties }) => Properties?.TracingConfig);

    expect(ofPlain('AWS::Lambda::Function').length).toBeGreaterThan(4);
    expect(traced).toEqual([]);
    expect(ofPlain('AWS::Events::Archive')).toEqual([]);
    expect(ofPlain('AWS::Events::EventBusPolicy')).toEqual([]);
  });

  // CloudFormation makes or removes one index in an update.
  test('an update of a deployment from before has both indexes once', () => {
    const indexes = (settings: object) =>
      resources(settings, 'AWS::DynamoDB::Table').flatMap((properties) => {
        const all = (properties?.GlobalSecondaryIndexes ?? []) as { IndexName: string; Projection: object }[];
        return all.map(({ IndexName, Projection }) => [IndexName, Projection]);
      });
    const own = ['owner-created', { ProjectionType: 'KEYS_ONLY' }];

    expect(indexes({})).toEqual([own]);
    expect(indexes({ keepFormerIndex: true })).toEqual([['by-owner', { ProjectionType: 'ALL' }], own]);
  });

  test('tracing', () => {
    const modes = resources({ tracing: true }, 'AWS::Lambda::Function').map(
      (properties) => properties?.TracingConfig,
    );

    expect(new Set(modes.map((mode) => JSON.stringify(mode)))).toEqual(new Set(['{"Mode":"Active"}']));
  });

  test('eventArchiveDays', () => {
    expect(resources({ eventArchiveDays: 30 }, 'AWS::Events::Archive')).toMatchObject([
      { RetentionDays: 30, EventPattern: { source: ['wanhook'] } },
    ]);
  });

  test('consumerAccounts may manage rules on this bus, and none but their own', () => {
    const [policy] = resources({ consumerAccounts: ['123456789012'] }, 'AWS::Events::EventBusPolicy');

    expect(policy).toMatchObject({
      StatementId: 'Consumer123456789012',
      Statement: { Condition: { StringEqualsIfExists: { 'events:creatorAccount': '123456789012' } } },
    });
    expect(JSON.stringify(policy)).not.toMatch(/events:\*|PutEvents/);
  });

  test('images are kept for ever unless imageRetentionDays is set; inputs go after two days', () => {
    const expiring = (settings: object) => {
      const [bucket] = resources(settings, 'AWS::S3::Bucket') as [
        { LifecycleConfiguration: { Rules: { Prefix?: string; ExpirationInDays?: number }[] } },
      ];
      return bucket.LifecycleConfiguration.Rules.filter(({ ExpirationInDays }) => ExpirationInDays).map(
        ({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays],
      );
    };

    expect(expiring({})).toEqual([['inputs/', 2]]);
    expect(expiring({ imageRetentionDays: 90 })).toEqual([
      ['inputs/', 2],
      ['images/', 90],
    ]);
  });

  test('submitsPerSecond and readsPerSecond limit their routes, with bursts of ten times as many', () => {
    const [stage] = resources({ submitsPerSecond: 3, readsPerSecond: 7 }, 'AWS::ApiGatewayV2::Stage');
    const { RouteSettings } = stage as { RouteSettings: Record<string, object> };

    expect(RouteSettings['POST /v1/images/generations']).toMatchObject({
      ThrottlingRateLimit: 3,
      ThrottlingBurstLimit: 30,
    });
    expect(RouteSettings['GET /v1/tasks']).toMatchObject({
      ThrottlingRateLimit: 7,
      ThrottlingBurstLimit: 70,
    });
  });

  test('reservedConcurrency sets invocations aside for the functions that it names, and for no other', () => {
    const functions = Object.entries(
      templateOf({ reservedConcurrency: { submit: 60, openapi: 2 } }).Resources,
    ).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
    const reserved = functions
      .map(([id, { Properties }]) => [id, Properties?.ReservedConcurrentExecutions])
      .filter(([, count]) => count !== undefined);

    expect(reserved).toEqual([
      [expect.stringMatching(/Submit/), 60],
      [expect.stringMatching(/OpenApi/), 2],
    ]);
  });

  test('every function can be named in reservedConcurrency', () => {
    const ids = stackOf()
      .node.findAll()
      .filter((construct) => construct instanceof NodeFunction)
      .map(({ node }) => node.id.toLowerCase());

    expect(ids.length).toBeGreaterThan(5);
    expect([...functionNames].sort()).toEqual(ids.sort());
  });

  test('corsOrigins', () => {
    const [api] = resources({ corsOrigins: ['https://app.example.com'] }, 'AWS::ApiGatewayV2::Api');

    expect(api).toMatchObject({
      CorsConfiguration: {
        AllowOrigins: ['https://app.example.com'],
        AllowMethods: ['GET', 'POST'],
        AllowHeaders: expect.arrayContaining(['authorization', 'idempotency-key']),
        ExposeHeaders: expect.arrayContaining(['etag', 'idempotent-replayed']),
      },
    });
    expect(ofPlain('AWS::ApiGatewayV2::Api')[0]!.Properties).not.toHaveProperty('CorsConfiguration');
  });

  test('without the page there is neither its function nor a route at /', () => {
    const template = templateOf({ page: false });
    const routes = Object.values(template.Resources).map(({ Properties }) => Properties?.RouteKey);

    expect(JSON.stringify(ofPlain('AWS::ApiGatewayV2::Route'))).toContain('"GET /"');
    expect(routes).toContain('GET /v1/tasks');
    expect(routes.filter((key) => key === 'GET /' || String(key).includes('/assets/'))).toEqual([]);
    expect(Object.keys(template.Resources).filter((id) => id.startsWith('Page'))).toEqual([]);
  });

  test('no route is without a limit of its own', () => {
    const routes = ofPlain('AWS::ApiGatewayV2::Route').map(({ Properties }) => String(Properties?.RouteKey));
    const [stage] = ofPlain('AWS::ApiGatewayV2::Stage');

    expect(routes.filter((route) => !(route in (stage!.Properties!.RouteSettings as object)))).toEqual([]);
  });

  test.each([
    ['eventArchiveDays', { eventArchiveDays: 0 }, /eventArchiveDays/],
    ['consumerAccounts', { consumerAccounts: ['me'] }, /must be 12 digits/],
    ['imageRetentionDays', { imageRetentionDays: 1.5 }, /imageRetentionDays/],
    ['submitsPerSecond', { submitsPerSecond: 0 }, /submitsPerSecond/],
  ])('%s refuses what it cannot be', (_, settings, message) => {
    expect(() => templateOf(settings)).toThrow(message);
  });
});

describe('the address that callers and providers see', () => {
  const name = 'images.example.com';
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0f3a';
  const webAclArn = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/front/0f3a';
  const ofType = ({ Resources }: StackTemplate, type: string) =>
    Object.values(Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties!] : []));
  const addressesIn = (template: StackTemplate) =>
    new Set(
      ofType(template, 'AWS::Lambda::Function')
        .map(
          ({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables.PUBLIC_URL,
        )
        .filter((url) => url !== undefined),
    );

  test('is a domain: of the API', () => {
    const template = templateOf({ domain: { name, certificateArn } });

    expect(addressesIn(template)).toEqual(new Set([`https://${name}`]));
    expect(template.Outputs.ApiUrl).toMatchObject({ Value: `https://${name}` });
    expect(ofType(template, 'AWS::ApiGatewayV2::DomainName')).toMatchObject([
      {
        DomainName: name,
        DomainNameConfigurations: [{ CertificateArn: certificateArn, EndpointType: 'REGIONAL' }],
      },
    ]);
    expect(ofType(template, 'AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
    expect(JSON.stringify(template.Outputs.DnsTarget)).toContain('RegionalDomainName');
    expect(ofType(template, 'AWS::CloudFront::Distribution')).toEqual([]);
  });

  test('is a domain: of a distribution with a web ACL, which keeps nothing and passes everything on', () => {
    const template = templateOf({ domain: { name, certificateArn }, webAclArn });
    const [distribution] = ofType(template, 'AWS::CloudFront::Distribution');

    expect(addressesIn(template)).toEqual(new Set([`https://${name}`]));
    expect(distribution).toMatchObject({
      DistributionConfig: {
        Aliases: [name],
        WebACLId: webAclArn,
        ViewerCertificate: { AcmCertificateArn: certificateArn, MinimumProtocolVersion: 'TLSv1.2_2021' },
        DefaultCacheBehavior: {
          AllowedMethods: expect.arrayContaining(['GET', 'POST', 'OPTIONS']),
          // CachingDisabled, and AllViewerExceptHostHeader.
          CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
          OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
          ViewerProtocolPolicy: 'https-only',
        },
      },
    });
    expect(JSON.stringify(template.Outputs.DnsTarget)).toContain('DomainName');
    expect(ofType(template, 'AWS::ApiGatewayV2::DomainName')).toEqual([]);
  });

  test('is the API’s own without one', () => {
    const template = templateOf();

    expect(JSON.stringify([...addressesIn(template)])).toContain('ApiEndpoint');
    expect(template.Outputs).not.toHaveProperty('DnsTarget');
  });
});

test('the access log has the caller’s address and never a path, and its group is under /aws/vendedlogs/', () => {
  const { Resources } = templateOf({ stage: 'dev' });
  const [stage] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Stage');
  const { Format } = stage!.Properties!.AccessLogSettings as { Format: string };
  const groups = Object.values(Resources).flatMap(({ Properties }) => Properties?.LogGroupName ?? []);

  expect(JSON.parse(Format)).toMatchObject({ ip: '$context.identity.sourceIp' });
  expect(Format).not.toMatch(/\$context\.path\b/);
  expect(groups).toEqual(['/aws/vendedlogs/apigateway/Wanhook-dev']);
});
