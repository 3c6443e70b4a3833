/** JSON Schemas (2020-12) of zod schemas; those with an id are kept once, as components, and referred to. */
import * as z from 'zod/mini';
import type { SizeRule } from '../../shared/models/measures.ts';
import { sizeMessage } from '../../shared/models/rules.ts';

export type JsonSchema = { [keyword: string]: unknown };

/**
 * `request`: what we take, defaults optional, nothing beyond it allowed. `answer`: what we give, to which fields may be
 * added one day; a reader that refuses them would break.
 */
export type Direction = 'request' | 'answer';

export class Components {
  readonly schemas: Record<string, JsonSchema> = {};

  /** @returns the schema, or a reference to it when it has an id */
  of(schema: z.core.$ZodType, direction: Direction): JsonSchema {
    const {
      $schema: _,
      $defs,
      ...json
    } = z.toJSONSchema(schema, {
      io: direction === 'request' ? 'input' : 'output',
      override: ({ jsonSchema }) => tidy(jsonSchema as JsonSchema, direction),
    }) as JsonSchema;
    for (const [id, definition] of Object.entries(($defs ?? {}) as Record<string, JsonSchema>)) {
      this.schemas[id] = referring(definition);
    }
    return referring(json);
  }

  /** Adds a schema that is no zod schema. @returns a reference to it */
  add(id: string, schema: JsonSchema): JsonSchema {
    this.schemas[id] = schema;
    return reference(id);
  }
}

export const reference = (id: string): JsonSchema => ({ $ref: `#/components/schemas/${id}` });

/** Definitions stand under `$defs` in a schema of its own, and under `components` in our documents. */
const referring = (schema: JsonSchema): JsonSchema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));

function tidy(schema: JsonSchema, direction: Direction): void {
  // A format says the same as zod's own expression for it.
  if (schema.format === 'date-time' || schema.format === 'date') delete schema.pattern;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  const { propertyNames, additionalProperties } = schema;
  if (isJust(propertyNames, '{"type":"string"}')) delete schema.propertyNames;
  if (isJust(additionalProperties, '{}')) delete schema.additionalProperties;
  if (additionalProperties === false && direction === 'answer') delete schema.additionalProperties;
  if (schema['x-size']) describeSize(schema, schema['x-size'] as SizeRule);
}

const isJust = (schema: unknown, json: string): boolean => JSON.stringify(schema) === json;

/** A product of two numbers in a string is beyond JSON Schema: the form is a pattern, the rest is said. */
function describeSize(schema: JsonSchema, rule: SizeRule): void {
  const separator = rule.separator === '*' ? '\\*' : rule.separator;
  schema.pattern = `^[1-9]\\d{0,8}${separator}[1-9]\\d{0,8}$`;
  const recommended = rule.recommended ? `. Also accepted: ${rule.recommended.join(', ')}` : '';
  schema.description = `${sizeMessage(rule).replace(/^must be /, '')}${recommended}`;
}
