/** The checked-in contracts, and validators for their schemas. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export type JsonSchema = { readonly [keyword: string]: unknown };

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: { readonly 'application/json': { readonly schema: JsonSchema } };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: JsonSchema } };
  };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly webhooks: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, { readonly required?: boolean; readonly schema: JsonSchema }>>;
  };
}

export const documentText = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

export const openApi = JSON.parse(documentText('docs/openapi.json')) as OpenApiDocument;

/** Every operation with its method and path. */
export const allOperations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);

/** @param path without a query */
export function operationFor(method: string, path: string): OpenApiOperation | undefined {
  const found = allOperations.find(
    (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return found?.operation;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
const compiled = new Map<string, ValidateFunction>();

/** A document whose components a schema may refer to. */
interface WithComponents {
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/**
 * @param schema of a document, whose references lead into its components; of the OpenAPI document unless told otherwise
 * @param closed refuses fields that the schema does not name
 * @returns what is wrong with the value, or nothing
 */
export function faultOf(
  schema: JsonSchema,
  value: unknown,
  { closed = false, of = openApi }: { readonly closed?: boolean; readonly of?: WithComponents } = {},
): string | undefined {
  const text = JSON.stringify([schema, closed, of === openApi]);
  let validate = compiled.get(text);
  if (!validate) {
    const whole = { ...schema, components: { schemas: of.components.schemas } };
    validate = ajv.compile(closed ? (closedSchema(whole) as JsonSchema) : whole);
    compiled.set(text, validate);
  }
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}

/** The same schema, with every object that names its fields closed to others; parts of an `allOf` stay open. */
function closedSchema(schema: unknown, isPart = false): unknown {
  if (Array.isArray(schema)) return schema.map((inner) => closedSchema(inner, isPart));
  if (schema === null || typeof schema !== 'object') return schema;
  const entries = Object.entries(schema).map(([keyword, inner]) => [
    keyword,
    closedSchema(inner, isPart || keyword === 'allOf'),
  ]);
  const copy = Object.fromEntries(entries);
  const namesFields = copy.type === 'object' && copy.properties && !('additionalProperties' in copy);
  return namesFields && !isPart ? { ...copy, additionalProperties: false } : copy;
}
