/** The shape of our HTTP functions: JSON out, errors in the documented shape, nothing inside ever shown. */
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Telemetry } from '../runtime/telemetry.ts';
import { Problem } from './problem.ts';

export type HttpEvent = APIGatewayProxyEventV2;
export type HttpResult = APIGatewayProxyStructuredResultV2;

export function json(statusCode: number, body: unknown, headers: Record<string, string> = {}): HttpResult {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/**
 * Turns what was thrown into an answer. A fault is logged with its cause; the caller learns only that it was ours.
 * @param afterFault what a caller may do then; a sentence without its full stop
 */
export function errorAnswers(
  telemetry: Telemetry,
  afterFault = 'The request may be sent again',
): MiddlewareObj<HttpEvent, HttpResult> {
  return {
    onError: (request) => {
      const { error } = request;
      if (error instanceof Problem) {
        telemetry.count('RequestRefused', error.body.code);
        request.response = json(error.status, { error: error.body }, error.headers);
        return;
      }
      telemetry.error('request failed', { error });
      telemetry.count('RequestFailed');
      const body = {
        code: 'internal_error',
        message: `Something went wrong on our side. ${afterFault}`,
        type: 'server_error',
      };
      request.response = json(500, { error: body });
    },
  };
}

/** The body as text; API Gateway hands over what it takes for binary in base64. */
export function bodyText(event: HttpEvent): string {
  const { body = '', isBase64Encoded } = event;
  return isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
}
