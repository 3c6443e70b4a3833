/** Functions that die in the middle of what they do. */
import type { LocalCloud, RequestHook } from '../../infra/local/cloud/index.ts';
import { eventually } from '../support/eventually.ts';

/**
 * Kills the function at its first such request: before it took effect, or after, when the SDK asks again because the
 * answer was lost.
 * @returns when its invocation has failed of it
 */
export async function dieAt(
  cloud: LocalCloud,
  fn: string,
  operation: string,
  when: 'before' | 'after',
): Promise<void> {
  const { name, errors } = cloud.function(fn);
  let first: string | undefined;
  const hook: RequestHook = ({ caller, operation: asked, path, body }) => {
    if (caller !== name || asked !== operation) return undefined;
    const request = path ?? String(body);
    if (first === undefined && when === 'after') {
      first = request;
      return { drop: 'after' };
    }
    if (first !== undefined && first !== request) return undefined;
    forget();
    cloud.function(fn).kill();
    return { drop: 'before' };
  };
  const forget = cloud.onRequest(hook);
  await eventually(() => cloud.function(fn).errors > errors, `the death of ${name}`);
}
