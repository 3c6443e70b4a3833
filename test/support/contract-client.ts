/** A client that knows nothing but docs/openapi.json: it sends what the document allows, and what it does not. */
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { newKey } from '../../infra/operations/api-keys.ts';
import {
  type allOperations,
  faultOf,
  type OpenApiParameter,
  type OpenApiResponse,
  openApi,
} from './contract.ts';
import { spoilt, valuesOf } from './schema-values.ts';

export type Operation = (typeof allOperations)[number];

/** As it goes over the wire. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What a client knows beside the document. */
export interface Knowledge {
  readonly key: string;
  /** Values that lead somewhere, by the parameter's name. */
  readonly known: Readonly<Record<string, readonly string[]>>;
}

/** Requests for one operation: mostly right ones, so that they get far. */
export function requestsOf(
  { method, path, operation }: Operation,
  knowledge: Knowledge,
): fc.Arbitrary<SentRequest> {
  const parameters = operation.parameters ?? [];
  const of = (place: OpenApiParameter['in']) =>
    valuesByName(
      parameters.filter((one) => one.in === place),
      knowledge,
    );
  const body = operation.requestBody && bodies(operation.requestBody.content['application/json'].schema);
  return fc
    .record({
      path: of('path'),
      query: of('query'),
      headers: of('header'),
      stray: strays,
      authorization: authorizations(knowledge.key),
      body: body ?? fc.constant(undefined),
    })
    .map((parts) => ({
      method,
      path: `${filled(path, parts.path)}${queryString({ ...parts.query, ...(parts.stray !== undefined && { [parts.stray]: '1' }) })}`,
      headers: {
        ...asHeaders(parts.headers),
        ...(parts.authorization !== undefined && { authorization: parts.authorization }),
        ...(parts.body !== undefined && { 'content-type': 'application/json' }),
      },
      body: parts.body,
    }));
}

type Values = Readonly<Record<string, unknown>>;

function valuesByName(parameters: readonly OpenApiParameter[], { known }: Knowledge): fc.Arbitrary<Values> {
  const each = parameters.map(({ name, schema }) => {
    const allowed = valuesOf(schema).filter((value) => value !== '');
    const leading = known[name] ? fc.constantFrom<unknown>(...known[name]) : allowed;
    const wrong = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
      fc.constantFrom('0', '101', '..'),
    );
    const value = fc.oneof(
      { weight: 6, arbitrary: leading },
      { weight: 2, arbitrary: allowed },
      { weight: 1, arbitrary: wrong },
    );
    return [name, value] as const;
  });
  const required = parameters.filter((one) => one.required).map(({ name }) => name);
  const optional = parameters.map(({ name }) => name).filter((name) => !required.includes(name));
  // A few at a time: each may be wrong, and all together they would always be.
  return fc
    .subarray(optional, { maxLength: Math.min(2, optional.length) })
    .chain((chosen) =>
      fc.record(Object.fromEntries(each.filter(([name]) => [...required, ...chosen].includes(name)))),
    );
}

/** A parameter that there is not. */
const strays = fc.oneof(
  { weight: 20, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('page', 'Limit', 'metadata[]', '') },
);

const authorizations = (key: string) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(`Bearer ${key}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        undefined,
        `Bearer ${newKey()}`,
        'Bearer whk_mistyped',
        'Basic eA==',
        'Bearer',
      ),
    },
  );

function bodies(schema: Parameters<typeof valuesOf>[0]): fc.Arbitrary<string | undefined> {
  const values = valuesOf(schema);
  return fc.oneof(
    { weight: 4, arbitrary: values.map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: values.chain(spoilt).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.json() },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '{', 'null', '\u0000', '{"model":"wan26_i2i","model":1}', undefined),
    },
  );
}

const filled = (path: string, values: Values): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(segment(String(values[name]))));

/** URLs resolve these away before they are sent. */
const segment = (text: string): string => (/^\.{1,2}$/.test(text) ? `${text}x` : text).toWellFormed();

function queryString(values: Values): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) query.append(`${name}[${key}]`, String(inner));
    } else query.append(name, String(value));
  }
  return query.size > 0 ? `?${query}` : '';
}

/** Header values are bytes; what fetch would refuse to send is left out of them. */
const asHeaders = (values: Values): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      String(value).replaceAll(/[^\x20-\x7e\xa0-\xff]/g, ''),
    ]),
  );

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends it, and once more a little later for as long as there are too many requests. */
export async function sendPatiently(baseUrl: string, request: SentRequest): Promise<Received[]> {
  const received = await send(baseUrl, request);
  if (received.status !== 429) return [received];
  await setTimeout(TOO_MANY_PAUSE_MS);
  return [received, await send(baseUrl, request)];
}

const TOO_MANY_PAUSE_MS = 200;

export async function send(baseUrl: string, { method, path, headers, body }: SentRequest): Promise<Received> {
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
    redirect: 'manual',
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Headers of the connection and of the message itself. */
const transport = new Set(['connection', 'content-length', 'content-type', 'date', 'keep-alive']);

/** @returns what the document does not say of the answer, or nothing */
export function undocumented(
  { operation }: Operation,
  { status, headers, text }: Received,
): string | undefined {
  if (status >= 500) return `a fault: ${status} ${text}`;
  const documented = operation.responses[status] ?? operation.responses[`${Math.floor(status / 100)}XX`];
  if (!documented) return `the status ${status}`;
  return undocumentedHeader(documented, headers) ?? undocumentedBody(documented, headers, text);
}

function undocumentedHeader({ headers: named = {} }: OpenApiResponse, headers: Headers): string | undefined {
  const known = new Map(
    Object.keys(named).map((name) => [name.toLowerCase(), openApi.components.headers[name]!]),
  );
  for (const [name, { required, schema }] of known) {
    const value = headers.get(name);
    if (value === null && required) return `that the header ${name} is missing`;
    const fault = value === null ? undefined : faultOf(schema, value);
    if (fault) return `the header ${name}: ${value} (${fault})`;
  }
  const unknown = [...headers.keys()].find((name) => !known.has(name) && !transport.has(name));
  return unknown && `the header ${unknown}`;
}

function undocumentedBody({ content }: OpenApiResponse, headers: Headers, text: string): string | undefined {
  if (!content) return text === '' ? undefined : `a body: ${text.slice(0, 200)}`;
  const type = headers.get('content-type');
  if (type !== 'application/json') return `the content type ${type}`;
  const fault = faultOf(content['application/json'].schema, JSON.parse(text), { closed: true });
  return fault && `the body ${text.slice(0, 500)} (${fault})`;
}
