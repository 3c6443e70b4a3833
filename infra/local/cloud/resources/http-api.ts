/** AWS::ApiGatewayV2::Api, Stage, Route and Integration: one HTTP API with its default stage. */

import * as z from 'zod';
import { TokenBucket } from '../aws/token-bucket.ts';
import type { CloudState } from '../cloud-state.ts';
import { corsConfiguration } from '../http-api/cors.ts';
import { functionIntegration, MAX_INTEGRATION_MS } from '../http-api/function-integration.ts';
import { HttpApi, type Integration } from '../http-api/http-api.ts';
import { queueIntegration, queueParameters } from '../http-api/queue-integration.ts';
import { parseRouteKey } from '../http-api/routes.ts';
import type { Need } from '../iam/evaluate.ts';
import type { Principal } from '../iam/principal.ts';
import type { LocalFunction } from '../lambda/local-function.ts';
import { arn, defineResource, type Placement, withoutEffect } from './resource.ts';

const tagMap = z.record(z.string(), z.string()).optional();

const api = z.strictObject({
  Name: z.string(),
  ProtocolType: z.literal('HTTP'),
  CorsConfiguration: corsConfiguration.optional(),
  Tags: tagMap,
  ...withoutEffect('Description'),
});

const routeSettings = z.strictObject({
  ThrottlingBurstLimit: z.int().min(0).optional(),
  ThrottlingRateLimit: z.number().min(0).optional(),
  ...withoutEffect('DetailedMetricsEnabled'),
});

const stage = z.strictObject({
  ApiId: z.string(),
  StageName: z.literal('$default'),
  AutoDeploy: z.literal(true),
  DefaultRouteSettings: routeSettings.optional(),
  RouteSettings: z.record(z.string(), routeSettings).default({}),
  Tags: tagMap,
  ...withoutEffect('AccessLogSettings', 'Description'),
});

const route = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string().startsWith('integrations/'),
  AuthorizationType: z.literal('NONE').default('NONE'),
  ...withoutEffect('OperationName'),
});

const integration = z.discriminatedUnion('PayloadFormatVersion', [
  z.strictObject({
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY'),
    IntegrationUri: z.string(),
    PayloadFormatVersion: z.literal('2.0'),
    TimeoutInMillis: z.int().min(50).max(MAX_INTEGRATION_MS).default(MAX_INTEGRATION_MS),
    ...withoutEffect('ConnectionType', 'Description', 'IntegrationMethod'),
  }),
  z.strictObject({
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY'),
    IntegrationSubtype: z.literal('SQS-SendMessage'),
    PayloadFormatVersion: z.literal('1.0'),
    RequestParameters: queueParameters,
    CredentialsArn: z.string(),
    ...withoutEffect('ConnectionType', 'Description', 'TimeoutInMillis'),
  }),
]);

export const httpApiResources = [
  defineResource('AWS::ApiGatewayV2::Api', api, ({ CorsConfiguration: cors }, { logicalId, cloud }) => {
    if (cloud.httpApi) throw new Error('the local cloud opens one HTTP API, and there is one already');
    cloud.httpApi = new HttpApi(logicalId.toLowerCase().slice(-10), cloud, cors);
    return { ref: cloud.httpApi.id, attributes: { ApiEndpoint: cloud.publicUrl, ApiId: cloud.httpApi.id } };
  }),

  defineResource('AWS::ApiGatewayV2::Stage', stage, (properties, { cloud }) => {
    const opened = apiOf(properties.ApiId, cloud);
    const limited = { '*': properties.DefaultRouteSettings ?? {}, ...properties.RouteSettings };
    for (const [key, settings] of Object.entries(limited)) {
      const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = settings;
      if (rate === undefined && burst === undefined) continue;
      // An account's own limits, where a stage sets only one of the two.
      opened.throttles.set(key, new TokenBucket(rate ?? 10_000, burst ?? 5_000));
    }
    opened.deployed = true;
    return { ref: properties.StageName };
  }),

  defineResource('AWS::ApiGatewayV2::Integration', integration, (properties, placement) => {
    placement.cloud.integrations.set(placement.logicalId, integrationOf(properties, placement));
    return { ref: placement.logicalId };
  }),

  defineResource('AWS::ApiGatewayV2::Route', route, (properties, { logicalId, cloud }) => {
    const id = properties.Target.slice('integrations/'.length);
    const found = cloud.integrations.get(id);
    if (!found) throw new Error(`property Target names no integration of this stack: ${id}`);
    apiOf(properties.ApiId, cloud).routes.push({
      pattern: parseRouteKey(properties.RouteKey),
      integration: found,
    });
    return { ref: logicalId };
  }),
];

function integrationOf(properties: z.output<typeof integration>, { cloud }: Placement): Integration {
  const opened = apiOf(properties.ApiId, cloud);
  if (properties.PayloadFormatVersion === '1.0') {
    const role = cloud.access.assumeRole(
      properties.CredentialsArn,
      'apigateway.amazonaws.com',
      'BackplaneAssumeRoleSession',
    );
    const send = queueIntegration(properties.RequestParameters, role, cloud);
    return (request, routeKey, parameters) => send({ request, routeKey, parameters, apiId: opened.id });
  }
  const target = [...cloud.functions.values()].find(
    ({ settings }) =>
      properties.IntegrationUri === settings.arn ||
      properties.IntegrationUri.endsWith(`/${settings.arn}/invocations`),
  );
  if (!target)
    throw new Error(`property IntegrationUri names no function of this stack: ${properties.IntegrationUri}`);
  return functionIntegration(
    target,
    { apiId: opened.id, account: cloud.account },
    properties.TimeoutInMillis,
    (routeKey) => cloud.access.authorize(gatewayFor(routeKey, opened, cloud), [invocationOf(target)]),
  );
}

/** API Gateway as it acts for one of a stage's routes. */
function gatewayFor(routeKey: string, { id }: HttpApi, cloud: CloudState): Principal {
  const path = routeKey.replace(' ', '');
  return {
    kind: 'service',
    name: 'apigateway.amazonaws.com',
    sourceArn: arn(cloud, 'execute-api', `${id}/$default/${path}`),
    account: cloud.account,
  };
}

function invocationOf({ settings }: LocalFunction): Need {
  return { action: 'lambda:InvokeFunction', resource: settings.arn };
}

function apiOf(id: string, cloud: CloudState): HttpApi {
  if (cloud.httpApi?.id === id) return cloud.httpApi;
  throw new Error(`property ApiId names no HTTP API of this stack: ${id}`);
}
