/**
 * The expressions by which an integration takes its parameters from a request:
 * `$request.body`, `$request.path.id`, or a string with `${request.path.id}` inside.
 */

import { type HttpApiRequest, queryParameters } from './request.ts';

/** What an expression may take values from. */
export interface ParameterSource {
  readonly request: HttpApiRequest;
  readonly parameters: Readonly<Record<string, string>>;
  readonly routeKey: string;
  readonly apiId: string;
}

/** Gives the value for a request; undefined when the request does not hold what the expression names. */
export type ParameterExpression = (source: ParameterSource) => string | undefined;

/**
 * Of a longer body API Gateway sees only the beginning, which is no JSON any more
 * (API Gateway developer guide, AWS service integrations for HTTP APIs).
 */
const MAX_PARSED_BYTES = 100 * 1024;

type Selector = (source: ParameterSource, name: string) => string | undefined;

const SELECTORS: ReadonlyArray<readonly [RegExp, Selector]> = [
  // Bytes that are no UTF-8 become replacement characters: SQS takes characters only.
  [/^request\.body$/, ({ request }) => request.body.toString('utf8') || undefined],
  [/^request\.body\.([\w.]+)$/, ({ request }, name) => memberOf(request.body, name)],
  [/^request\.path\.(\w+)$/, ({ parameters }, name) => parameters[name]],
  [/^request\.path$/, ({ request }) => request.path],
  [/^request\.header\.([\w-]+)$/, ({ request }, name) => request.headers[name.toLowerCase()]],
  [/^request\.querystring\.(\w+)$/, ({ request }, name) => queryParameters(request.rawQuery)[name]],
  [/^context\.requestId$/, ({ request }) => request.id],
  [/^context\.routeKey$/, ({ routeKey }) => routeKey],
  [/^context\.apiId$/, ({ apiId }) => apiId],
  [/^context\.identity\.sourceIp$/, ({ request }) => request.sourceIp],
];

/**
 * Compiles an expression.
 * @throws Error that names what is not known in it.
 */
export function compileExpression(expression: string): ParameterExpression {
  if (/^\$(request|context|stageVariables)\b/.test(expression)) return select(expression.slice(1));
  const parts = expression.split(/\$\{([^}]*)\}/);
  const compiled = parts.map((part, index) => (index % 2 === 1 ? select(part) : () => part));
  return (source) => {
    const values = compiled.map((part) => part(source));
    return values.includes(undefined) ? undefined : values.join('');
  };
}

function select(name: string): ParameterExpression {
  for (const [pattern, selector] of SELECTORS) {
    const match = pattern.exec(name);
    if (match) return (source) => selector(source, match[1] ?? '');
  }
  throw new Error(`the local cloud does not know the parameter ${name}`);
}

function memberOf(body: Buffer, path: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body.subarray(0, MAX_PARSED_BYTES).toString('utf8'));
  } catch {
    return undefined;
  }
  for (const name of path.split('.')) {
    value =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
