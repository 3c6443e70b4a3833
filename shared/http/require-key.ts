/**
 * A middleware instead of a Lambda authorizer: the refusal has the documented shape, and no second function starts.
 * See docs/decisions/keys-middleware.md.
 */
import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Caller } from '../security/api-keys.ts';
import type { HttpEvent, HttpResult } from './api.ts';
import { unauthorized } from './problem.ts';

/** The context of a handler behind {@link requireKey}. */
export type WithCaller = Context & { caller: Caller };

/** @param findCaller see `callerFinder` */
export function requireKey(
  findCaller: (authorization: string | undefined) => Promise<Caller | undefined>,
): MiddlewareObj<HttpEvent, HttpResult, Error, WithCaller> {
  return {
    before: async ({ event, context }) => {
      const caller = await findCaller(event.headers.authorization);
      if (!caller) throw unauthorized();
      context.caller = caller;
    },
  };
}
