// The integration with a function: the request as an event, the result as the answer.

import { AwsError } from '../aws/aws-error.ts';
import type { InvocationResult, LocalFunction } from '../lambda/local-function.ts';
import type { Integration } from './http-api.ts';
import { type ApiIdentity, lambdaEvent } from './lambda-event.ts';
import { answerOf, answers, type DoorAnswer } from './write-answer.ts';

/** The longest that API Gateway waits for an integration. */
export const MAX_INTEGRATION_MS = 30_000;

/** Answers by invoking `target`, waiting at most `timeoutMs`. */
export function functionIntegration(target: LocalFunction, api: ApiIdentity, timeoutMs: number): Integration {
  return async (request, routeKey, parameters) => {
    const event = lambdaEvent(request, routeKey, parameters, api);
    try {
      return await within(timeoutMs, target.invoke(event, 'ApiGateway').then(toAnswer));
    } catch (error) {
      return refusal(error);
    }
  };
}

function toAnswer(result: InvocationResult): DoorAnswer {
  if ('error' in result) return answers.internalError(result.error.errorMessage);
  return answerOf(result.payload);
}

function refusal(error: unknown): DoorAnswer {
  if (!(error instanceof AwsError)) return answers.internalError(String(error));
  if (error.status === 413) return answers.tooLarge;
  if (error.status === 429 || error.status === 503) return answers.unavailable(error.message);
  return answers.internalError(error.message);
}

/** The function goes on after the gateway has stopped waiting for it. */
async function within(ms: number, work: Promise<DoorAnswer>): Promise<DoorAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<DoorAnswer>((resolve) => {
    timer = setTimeout(() => resolve(answers.unavailable('the integration took too long')), ms);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
