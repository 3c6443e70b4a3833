/** The one route without code: the HTTP API itself sends what comes to a queue. No emulator but our own runs it. */

/**
 * Posts a callback that nobody signed: it is taken into the queue, and dropped behind it as forged.
 * @returns what is wrong with the route, or nothing
 */
export async function callbackRouteProblem(apiUrl: string): Promise<string | undefined> {
  const route = 'POST /v1/callbacks/{taskId}/{signature}';
  const url = `${apiUrl}/v1/callbacks/smoke/0-none`;
  try {
    const response = await fetch(url, { method: 'POST', body: '{}', signal: AbortSignal.timeout(30_000) });
    if (response.ok) return undefined;
    const answer = (await response.text()).slice(0, 300);
    return `The route ${route}, which hands callbacks to SQS, answers ${response.status}: no callback can come in. ${answer}\nAn emulator that does not run this route can be tried beyond it with --without-callbacks.`;
  } catch (error) {
    return `The HTTP API at ${apiUrl} cannot be reached: ${reasonOf(error)}`;
  }
}

/** `fetch` says why in the cause. */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error;
  return cause instanceof Error && cause.message ? cause.message : message;
};
