/** A function's way to its log group, which its role has to allow: what it may not write is lost, metrics included. */
import type { CloudState } from '../cloud-state.ts';
import { AccessDenied } from '../iam/access-denied.ts';
import type { Principal } from '../iam/principal.ts';
import type { FunctionLogLine, LogListener } from './logs.ts';

/** Makes the listener for the lines of the function `name`; `streamArn` is its log stream's ARN. */
export function functionLog(
  { name, streamArn, principal }: { name: string; streamArn: string; principal: Principal },
  { access, metrics, log }: Pick<CloudState, 'access' | 'metrics' | 'log'>,
): LogListener {
  const needs = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    action,
    resource: streamArn,
  }));
  let hasComplained = false;
  return (line) => {
    try {
      access.authorize(principal, needs);
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      if (!hasComplained) log(complaint(name, error));
      hasComplained = true;
      return;
    }
    if (line.source === 'stdout') metrics.read(line.text);
    log(line);
  };
}

function complaint(functionName: string, { message }: AccessDenied): FunctionLogLine {
  const text = `nothing that it prints is kept, and no metric: ${message}`;
  return { time: Date.now(), functionName, requestId: undefined, source: 'platform', text };
}
