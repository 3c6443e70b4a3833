/** Faults that strike a request itself, before it takes effect or in its answer. */

import { escapedJson } from './answers.ts';
import type { Fault } from './faults/fault.ts';
import { faultOf } from './faults/fault.ts';
import { filled, type Values } from './faults/placeholders.ts';
import type { Reply } from './http.ts';
import { Refusal } from './protocol.ts';
import type { ProviderState } from './provider-state.ts';

/** The reply in place of any effect, or undefined when the request goes on. */
export function refusedBy(
  faults: Fault[],
  phase: 'create' | 'read',
  values: Values,
  state: ProviderState,
): Reply | undefined {
  if (faultOf(faults, 'drop') !== undefined) return 'drop';
  const refuse = faultOf(faults, 'refuse');
  if (refuse !== undefined) {
    const { status, code, message, param, retryAfter, body, escaped } = filled(refuse, values);
    const refusal = new Refusal(
      status,
      code ?? state.protocol.codeFor(status, phase),
      message ?? `Refused with ${status}.`,
      param,
    );
    const said = body ?? state.protocol.error(refusal);
    return {
      status,
      headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
      body: escaped ? escapedJson(said) : said,
    };
  }
  const empty = faultOf(faults, 'empty-id');
  if (empty === undefined) return undefined;
  const error = { code: empty.code, message: 'The task could not be created.' };
  return { status: 200, body: { id: '', status: 'failed', error } };
}

/** The answer as it arrives: late, lost or whole. */
export async function answeredUnder(faults: Fault[], whole: Reply, state: ProviderState): Promise<Reply> {
  const slow = faultOf(faults, 'slow');
  if (slow !== undefined) await state.pause(slow.ms);
  const lost = faultOf(faults, 'lose-answer');
  if (lost === undefined) return whole;
  switch (lost.how) {
    case 'hang':
    case 'drop':
      return lost.how;
    case 'error': {
      const code = state.protocol.codeFor(lost.status, lost.on);
      return {
        status: lost.status,
        body: state.protocol.error(new Refusal(lost.status, code, 'It went wrong.')),
      };
    }
    case 'broken-json':
      return { status: 200, body: '{"created":1757156493,"id":"task-uni' };
    case 'empty':
      return { status: 200, body: '' };
  }
}
