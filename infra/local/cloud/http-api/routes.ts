/**
 * Which route of an HTTP API a request takes.
 *
 *   GET /orders/latest     before   GET /orders/{id}       before   ANY /orders/{rest+}   before   $default
 */

/** A route's key, taken apart. */
export interface RoutePattern {
  readonly key: string;
  /** `ANY` for every method. */
  readonly method: string;
  /** Undefined for `$default`. */
  readonly segments: readonly string[] | undefined;
}

export interface RouteMatch<R> {
  readonly route: R;
  /** Decoded path parameters. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Takes a route key apart. @throws Error for a key that API Gateway does not know. */
export function parseRouteKey(key: string): RoutePattern {
  if (key === '$default') return { key, method: 'ANY', segments: undefined };
  const [, method, path] = /^([A-Z]+) (\/.*)$/.exec(key) ?? [];
  if (!method || !path) throw new Error(`the route key must be $default or like "GET /path", not ${key}`);
  return { key, method, segments: path.slice(1).split('/') };
}

/** The most specific route for a method and a decoded path, as API Gateway chooses it. */
export function matchRoute<R extends { readonly pattern: RoutePattern }>(
  routes: readonly R[],
  method: string,
  segments: readonly string[],
): RouteMatch<R> | undefined {
  let best: (RouteMatch<R> & { rank: string }) | undefined;
  for (const route of routes) {
    if (route.pattern.method !== 'ANY' && route.pattern.method !== method) continue;
    const parameters = parametersOf(route.pattern, segments);
    if (!parameters) continue;
    const rank = rankOf(route.pattern);
    if (!best || rank < best.rank) best = { route, parameters, rank };
  }
  return best && { route: best.route, parameters: best.parameters };
}

/** A segment of a route: a literal, `{name}`, or `{name+}` for the rest of the path. */
const VARIABLE = /^\{([^}+]+)(\+?)\}$/;

function parametersOf(
  { segments: pattern }: RoutePattern,
  segments: readonly string[],
): Record<string, string> | undefined {
  if (!pattern) return {};
  const [, rest, greedy] = VARIABLE.exec(pattern.at(-1) ?? '') ?? [];
  if (!rest || !greedy)
    return segments.length === pattern.length ? parametersOfEach(pattern, segments) : undefined;
  const fixed = pattern.slice(0, -1);
  const tail = segments.slice(fixed.length).join('/');
  const parameters = tail ? parametersOfEach(fixed, segments) : undefined;
  return parameters && { ...parameters, [rest]: tail };
}

function parametersOfEach(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const given = segments[index];
    const name = VARIABLE.exec(part)?.[1];
    if (name ? !given : given !== part) return undefined;
    if (name) parameters[name] = given as string;
  }
  return parameters;
}

/** Smaller is more specific: literal before variable before the rest of the path, a method before ANY. */
function rankOf(pattern: RoutePattern): string {
  if (!pattern.segments) return '9';
  const greedy = pattern.segments.some((part) => part.endsWith('+}')) ? '1' : '0';
  const parts = pattern.segments.map((part) =>
    part.endsWith('+}') ? '2' : part.startsWith('{') ? '1' : '0',
  );
  return `${greedy}${parts.join('')}${pattern.method === 'ANY' ? '1' : '0'}`;
}
