/** Stacks with an HTTP API, for its tests. */

import { getAtt, lambda, ref, type Stack } from '../stacks.ts';

interface Options {
  readonly function?: object;
  readonly integration?: object;
  readonly stage?: object;
}

/** An API whose routes all lead to one function, `Fn`. */
export function httpApi(routeKeys: readonly string[], options: Options = {}): Stack {
  const routes = routeKeys.map((RouteKey, index) => [`Route${index}`, route(RouteKey)] as const);
  return {
    Resources: {
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
      Stage: stage(options.stage),
      Fn: lambda('fn', { Timeout: 10, MemorySize: 256, ...options.function }),
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: getAtt('Fn', 'Arn'),
          Principal: 'apigateway.amazonaws.com',
        },
      },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: ref('Api'),
          IntegrationType: 'AWS_PROXY',
          PayloadFormatVersion: '2.0',
          IntegrationUri: getAtt('Fn', 'Arn'),
          ...options.integration,
        },
      },
      ...Object.fromEntries(routes),
    },
    Outputs: { Endpoint: { Value: getAtt('Api', 'ApiEndpoint') } },
  };
}

export function stage(properties: object = {}) {
  return {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: ref('Api'), StageName: '$default', AutoDeploy: true, ...properties },
  };
}

export function route(RouteKey: string) {
  return {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: ref('Api'),
      RouteKey,
      AuthorizationType: 'NONE',
      Target: { 'Fn::Join': ['', ['integrations/', ref('Integration')]] },
    },
  };
}
