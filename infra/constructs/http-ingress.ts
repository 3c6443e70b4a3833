/** The HTTP API: the one address that callers and providers see. */
import { type CfnResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  type CfnStage,
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
  ParameterMapping,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration, HttpSqsIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';

/** What an account may burst by default (API Gateway developer guide, "Quotas"). */
const ACCOUNT_BURST = 5000;

/** No `$context.path`: a callback's path is a credential. */
const accessLog = JSON.stringify({
  time: '$context.requestTime',
  requestId: '$context.requestId',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  latency: '$context.responseLatency',
  bytes: '$context.responseLength',
  integrationError: '$context.integrationErrorMessage',
});

/** What a page of another origin may send and read. A key is no cookie, so none are allowed. */
const corsFor = (allowOrigins: string[]) => ({
  allowOrigins,
  allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST],
  allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-none-match'],
  exposeHeaders: ['etag', 'idempotent-replayed', 'retry-after'],
  maxAge: Duration.days(1),
});

export interface QueueTarget {
  readonly queue: IQueue;
  /** Path parameters that travel as attributes. */
  readonly attributes: readonly string[];
  /** The most requests a second, as an average; ten times as many at once. What exceeds it is answered with 429. */
  readonly requestsPerSecond: number;
  /** The path parameter by which messages are kept in order: each of its values is a group of its own. */
  readonly group: string;
}

/** Routes are added by the stack; the ingress itself only knows how to log, and how to hand a body to a queue. */
export class HttpIngress extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly #stage: CfnStage;

  constructor(
    scope: Construct,
    id: string,
    { logRetentionDays, corsOrigins }: Pick<Settings, 'logRetentionDays' | 'corsOrigins'>,
  ) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      apiName: Stack.of(this).stackName,
      createDefaultStage: false,
      ...(corsOrigins.length > 0 && { corsPreflight: corsFor(corsOrigins) }),
    });
    acknowledge(
      this.api,
      'APIG4',
      'Functions check the API key themselves, so that a refusal has the documented shape (docs/decisions/keys-middleware.md); callbacks and links are signed; the page and the contract are for everybody.',
    );
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      // Metrics by route: what the callback ingress itself refuses is counted here and nowhere else.
      detailedMetricsEnabled: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          new LogGroup(this, 'AccessLog', {
            // Under this prefix it needs no line of the account's resource policy, whose length is limited (CloudWatch Logs
            // user guide, "Log group resource policy size limit considerations").
            logGroupName: `/aws/vendedlogs/apigateway/${Stack.of(this).stackName}`,
            retention: logRetentionDays as RetentionDays,
            removalPolicy: RemovalPolicy.DESTROY,
          }),
        ),
        format: AccessLogFormat.custom(accessLog),
      },
    });
    this.#stage = this.stage.node.defaultChild as CfnStage;
  }

  /**
   * Routes that a function answers.
   * @param requestsPerSecond the most of each, as an average; an account's own limits when it is not given
   */
  toFunction(fn: IFunction, method: HttpMethod, paths: readonly string[], requestsPerSecond?: number): void {
    const integration = new HttpLambdaIntegration(`To${fn.node.id}`, fn);
    for (const path of paths) {
      const [route] = this.api.addRoutes({ methods: [method], path, integration });
      if (requestsPerSecond !== undefined) this.#limit(route!, `${method} ${path}`, requestsPerSecond);
    }
  }

  /**
   * A route without code: the body goes straight into a FIFO queue, with the named path parameters as attributes.
   * It answers even when every function is throttled (docs/decisions/callback-ingress.md).
   */
  toQueue(path: string, { queue, attributes: parameters, requestsPerSecond, group }: QueueTarget): void {
    const attributes = Object.fromEntries(
      parameters.map((name) => [name, { DataType: 'String', StringValue: `\${request.path.${name}}` }]),
    );
    const [route] = this.api.addRoutes({
      methods: [HttpMethod.POST],
      path,
      integration: new HttpSqsIntegration('ToCallbacks', {
        queue,
        parameterMapping: new ParameterMapping()
          .custom('QueueUrl', queue.queueUrl)
          .custom('MessageBody', '$request.body')
          .custom('MessageAttributes', JSON.stringify(attributes))
          .custom('MessageGroupId', `$request.path.${group}`)
          // Equal bodies are messages of their own: what came twice is for the function to tell.
          .custom('MessageDeduplicationId', '$context.requestId'),
      }),
    });
    this.#limit(route!, `POST ${path}`, requestsPerSecond);
  }

  /** @param requestsPerSecond as an average; ten times as many at once. What exceeds it is answered with 429. */
  #limit(route: HttpRoute, key: string, requestsPerSecond: number): void {
    this.#stage.routeSettings = {
      ...(this.#stage.routeSettings as object | undefined),
      [key]: {
        DetailedMetricsEnabled: true,
        ThrottlingRateLimit: requestsPerSecond,
        ThrottlingBurstLimit: Math.min(10 * requestsPerSecond, ACCOUNT_BURST),
      },
    };
    // Settings of a route that is not there yet are refused.
    this.#stage.addResourceDependency(route.node.defaultChild as CfnResource);
  }
}
