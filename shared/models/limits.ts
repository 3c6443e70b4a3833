/**
 * Each model's limits and defaults as plain data, read from its own schema, so that a form can be made from them
 * without a schema library. It loads every schema: for a build, not for a function.
 */
import * as z from 'zod/mini';
import { type ModelName, modelNames } from '../providers/definitions.ts';
import { isJsonObject } from '../runtime/json.ts';
import type { SizeRule } from './measures.ts';
import { findModel } from './registry.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What a model may be asked; a field that it does not know is absent. */
export interface ModelLimits {
  /** In characters. */
  readonly prompt: Range;
  readonly negativePrompt?: Range;
  readonly size?: { readonly rule: SizeRule; readonly default?: string };
  /** How many input images there may be. */
  readonly images?: Range;
  readonly n: Range & { readonly default: number };
  readonly seed?: Range;
  /** The default of prompt rewriting. */
  readonly promptExtend?: boolean;
  readonly watermark?: boolean;
  /** How many pictures mixed output may have, and how many input images it takes; absent where there is none. */
  readonly interleave?: { readonly pictures: Range; readonly images: Range };
}

export type AllLimits = Readonly<Record<ModelName, ModelLimits>>;

export function modelLimits(): AllLimits {
  const all = modelNames.map((name) => [
    name,
    limitsOf(z.toJSONSchema(findModel(name)!.schema, { io: 'input' })),
  ]);
  return Object.fromEntries(all) as AllLimits;
}

type Fields = Record<string, Record<string, unknown> | undefined>;

function limitsOf(schema: unknown): ModelLimits {
  const fields = Object.fromEntries(fieldsIn(schema)) as Fields;
  const counts = fields.content?.['x-images'] as { editing: Range; interleaved: Range } | undefined;
  const { size, n, prompt_extend, watermark } = fields;
  return {
    prompt: lengthOf(fields.prompt ?? fields.text)!,
    n: { ...rangeOf(n)!, default: n!.default as number },
    ...given('negativePrompt', lengthOf(fields.negative_prompt)),
    ...given('size', size && { rule: size['x-size'] as SizeRule, ...given('default', size.default) }),
    ...given('images', counts?.editing ?? countOf(fields.image_urls)),
    ...given('seed', rangeOf(fields.seed)),
    ...given('promptExtend', prompt_extend?.default),
    ...given('watermark', watermark?.default),
    ...given('interleave', counts && { pictures: rangeOf(fields.max_images), images: counts.interleaved }),
  };
}

/** Every field of a schema by its name, however deep: a model has no two of one name. */
function fieldsIn(schema: unknown): [string, unknown][] {
  if (Array.isArray(schema)) return schema.flatMap(fieldsIn);
  if (!isJsonObject(schema)) return [];
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  return [
    ...properties,
    ...properties.flatMap(([, field]) => fieldsIn(field)),
    ...fieldsIn(schema.items),
    ...fieldsIn(schema.anyOf),
  ];
}

/** The field, or nothing at all: never one that is undefined. */
const given = (name: string, value: unknown) => (value === undefined ? {} : { [name]: value });

const range = (least: string, most: string) => (field: Record<string, unknown> | undefined) =>
  field && ({ min: field[least], max: field[most] } as Range);
const lengthOf = range('minLength', 'maxLength');
const rangeOf = range('minimum', 'maximum');
const countOf = range('minItems', 'maxItems');
