/** The bodies of POST /v1/images/generations: a component for each model, from the very schemas that validate it. */
import type { Range } from '../../shared/models/limits.ts';
import { common } from '../../shared/models/read-request.ts';
import { findModel } from '../../shared/models/registry.ts';
import { type ModelName, modelNames } from '../../shared/providers/definitions.ts';
import { type Components, type JsonSchema, reference } from './components.ts';

/** What the names alone do not say. Limits and defaults are the schemas' own. */
const descriptions: Readonly<Record<string, string>> = {
  prompt: 'What to paint. A Chinese character, a letter, a digit and a symbol count as one character each.',
  text: 'What to paint. A Chinese character, a letter, a digit and a symbol count as one character each.',
  negative_prompt: 'What not to paint.',
  n: 'How many images.',
  image:
    'An http or https URL, or `data:{mime};base64,…`: JPEG, PNG, BMP or WEBP, 384 to 5000 pixels a side, at most 10 MiB.',
  image_urls:
    'Each an http or https URL, or `data:{mime};base64,…`: JPEG, PNG, BMP or WEBP, 384 to 5000 pixels a side, at most 10 MiB.',
  prompt_extend: 'Lets the provider rewrite the prompt.',
  enable_interleave: 'Texts and images in turn, instead of editing the input images.',
  max_images:
    'How many images mixed output may have; only with `enable_interleave`, and then 5 unless told otherwise.',
  callback_url: 'Called when the task has ended: a public https URL.',
  metadata: 'Returned everywhere, sent to no provider.',
};

/** @returns a schema of any request, told apart by its `model` */
export function requestSchema(components: Components): JsonSchema {
  const beside = components.of(common, 'request').properties as JsonSchema;
  for (const name of modelNames) {
    const own = components.of(findModel(name)!.schema, 'request');
    components.add(name, modelSchema(name, own, beside));
  }
  return components.add('GenerationRequest', {
    description: 'A request for one of the models; each has its own fields and limits.',
    oneOf: modelNames.map(reference),
    discriminator: {
      propertyName: 'model',
      mapping: Object.fromEntries(modelNames.map((name) => [name, `#/components/schemas/${name}`])),
    },
  });
}

function modelSchema(name: ModelName, own: JsonSchema, beside: JsonSchema): JsonSchema {
  const { rules, schema } = withContentRules(own);
  const properties = { ...(schema.properties as JsonSchema), ...beside };
  const whole = { description: `A request for ${name}.`, ...schema, properties, ...rules };
  return withDescriptions(whole) as JsonSchema;
}

interface ImageCounts {
  readonly editing: Range;
  readonly interleaved: Range;
}

/** A model that counts its images by how it works has rules that look at two fields at once. */
function withContentRules(own: JsonSchema): { schema: JsonSchema; rules: JsonSchema } {
  let counts: ImageCounts | undefined;
  const schema = JSON.parse(JSON.stringify(own), (key, value) => {
    if (key === 'messages') return { ...value, minItems: 1, maxItems: 1 };
    if (key !== 'content') return value;
    const { 'x-images': found, ...content } = value;
    counts = found;
    return { ...content, contains: { required: ['text'] }, minContains: 1, maxContains: 1 };
  });
  return { schema, rules: counts ? rulesOf(counts) : {} };
}

/** Source: docs/models.md, "Rules that need a sentence". */
function rulesOf({ editing, interleaved }: ImageCounts): JsonSchema {
  const isInterleaved = {
    required: ['parameters'],
    properties: {
      parameters: { required: ['enable_interleave'], properties: { enable_interleave: { const: true } } },
    },
  };
  const images = ({ min, max }: Range) => ({
    properties: {
      messages: {
        items: {
          properties: { content: { contains: { required: ['image'] }, minContains: min, maxContains: max } },
        },
      },
    },
  });
  return {
    if: isInterleaved,
    // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's own keyword
    then: {
      properties: { input: images(interleaved), parameters: { properties: { n: { const: 1 } } } },
    },
    else: {
      properties: { input: images(editing), parameters: { not: { required: ['max_images'] } } },
    },
  };
}

/** Every property gets the description of its name, unless it has one. */
function withDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDescriptions);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([keyword, inner]) => [
    keyword,
    keyword === 'properties' ? described(inner as JsonSchema) : withDescriptions(inner),
  ]);
  return Object.fromEntries(entries);
}

const described = (properties: JsonSchema): JsonSchema =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const inner = withDescriptions(schema) as JsonSchema;
      const isField = 'type' in inner || 'anyOf' in inner;
      const description = inner.description ?? descriptions[name];
      return [name, isField && description ? { description, ...inner } : inner];
    }),
  );
