/**
 * A middleware instead of a Lambda authorizer: the refusal has the documented shape, and no second function starts.
 * See docs/decisions/keys-middleware.md.
 */
import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { Caller, FindCaller } from '../security/api-keys.ts';
import type { HttpEvent, HttpResult } from './api.ts';
import { unauthorized } from './problem.ts';

/** The context of a handler behind {@link requireKey}. */
export type WithCaller = Context & { caller: Caller };

/** Every refusal is answered alike; the log says which it was. */
export function requireKey(
  findCaller: FindCaller,
  telemetry: Pick<Telemetry, 'info'>,
): MiddlewareObj<HttpEvent, HttpResult, Error, WithCaller> {
  return {
    before: async ({ event, context }) => {
      const found = await findCaller(event.headers.authorization);
      if (found.kind === 'refused') {
        telemetry.info(found.reason, found.keyId === undefined ? {} : { key_id: found.keyId });
        throw unauthorized();
      }
      context.caller = found.caller;
    },
  };
}
