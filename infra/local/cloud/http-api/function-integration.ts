/** The integration with a function: the request becomes its event, its result the response. */

import { AwsError } from '../aws/aws-error.ts';
import { AccessDenied } from '../iam/access-denied.ts';
import type { InvocationResult, LocalFunction } from '../lambda/local-function.ts';
import type { Integration } from './http-api.ts';
import { type ApiIdentity, lambdaEvent } from './lambda-event.ts';
import { gatewayResponses, type HttpApiResponse, responseOf } from './response.ts';

/** The longest that API Gateway waits for an integration. */
export const MAX_INTEGRATION_MS = 30_000;

/** As the access log tells it (API Gateway developer guide, "Troubleshooting issues with HTTP API Lambda integrations"). */
const NOT_PERMITTED =
  "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.";

/**
 * Responds by invoking `target`, waiting for it at most `timeoutMs`.
 * @param authorize throws AccessDenied when the function's policy does not let API Gateway invoke it for a route
 */
export function functionIntegration(
  target: LocalFunction,
  api: ApiIdentity,
  timeoutMs: number,
  authorize: (routeKey: string) => void,
): Integration {
  return async (request, routeKey, parameters) => {
    const event = lambdaEvent(request, routeKey, parameters, api);
    try {
      authorize(routeKey);
      return await within(timeoutMs, target.invoke(event, 'ApiGateway').then(toResponse));
    } catch (error) {
      return refusal(error);
    }
  };
}

function toResponse(result: InvocationResult): HttpApiResponse {
  if ('error' in result) return gatewayResponses.internalError(result.error.errorMessage);
  return responseOf(result.payload);
}

function refusal(error: unknown): HttpApiResponse {
  if (error instanceof AccessDenied) return gatewayResponses.internalError(NOT_PERMITTED);
  if (!(error instanceof AwsError)) return gatewayResponses.internalError(String(error));
  if (error.status === 413) return gatewayResponses.tooLarge;
  if (error.status === 429 || error.status === 503) return gatewayResponses.unavailable(error.message);
  return gatewayResponses.internalError(error.message);
}

/** The function goes on after the gateway has stopped waiting for it. */
async function within(ms: number, work: Promise<HttpApiResponse>): Promise<HttpApiResponse> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HttpApiResponse>((resolve) => {
    timer = setTimeout(() => resolve(gatewayResponses.unavailable('the integration took too long')), ms);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
