/** Values that a schema of the OpenAPI document allows, and ones that are a little or entirely wrong. */
import fc from 'fast-check';
import { type SizeRule, sizeFault } from '../../shared/models/measures.ts';
import { faultOf, type JsonSchema, openApi } from './contract.ts';
import { png } from './pictures.ts';

interface Fields extends JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Values that hold the whole schema. */
export const valuesOf = (schema: JsonSchema): fc.Arbitrary<unknown> =>
  candidates(schema).filter((value) => faultOf(schema, value) === undefined);

/** Values of the shape; rules that look at several fields may be broken. */
function candidates(schema: Fields): fc.Arbitrary<unknown> {
  if (typeof schema.$ref === 'string')
    return candidates(openApi.components.schemas[schema.$ref.split('/').at(-1)!]!);
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice) return fc.oneof(...choice.map(candidates));
  return byType[schema.type ?? '']?.(schema) ?? fc.jsonValue();
}

const byType: Readonly<Record<string, (schema: Fields) => fc.Arbitrary<unknown>>> = {
  string: strings,
  boolean: () => fc.boolean(),
  integer: ({ minimum, maximum }) => fc.integer({ min: minimum as number, max: maximum as number }),
  array: ({ items, minItems = 0, maxItems = 6 }) =>
    fc.array(candidates(items ?? {}), { minLength: minItems as number, maxLength: maxItems as number }),
  object: ({ properties, required = [], propertyNames, additionalProperties }) =>
    properties
      ? fc.record(mapValues(properties, candidates), { requiredKeys: [...required] })
      : fc.dictionary(strings((propertyNames ?? {}) as Fields), candidates(additionalProperties as Fields), {
          maxKeys: 3,
        }),
};

const mapValues = <From, To>(values: Readonly<Record<string, From>>, map: (value: From) => To) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));

const image = `data:image/png;base64,${png().toString('base64')}`;
/** Answered by nobody, here or elsewhere. */
const address = 'https://hooks.example.invalid/a%20b?c=d#e';

function strings(limits: Fields): fc.Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = 40 } = limits;
  if (limits['x-size']) return sizes(limits['x-size'] as SizeRule);
  // An address of limited length is called, one without is an image's.
  if (format === 'uri') return 'maxLength' in limits ? fc.constant(address) : fc.constantFrom(image, address);
  if (format === 'date-time') return moments;
  if (format === 'date') return moments.map((moment) => moment.slice(0, 10));
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  const [min, max] = [minLength as number, maxLength as number];
  const unit = 'binary' as const;
  return fc.oneof(
    { weight: 5, arbitrary: fc.string({ unit, minLength: min, maxLength: Math.min(max, min + 20) }) },
    { weight: 1, arbitrary: fc.string({ unit, minLength: max, maxLength: max, size: 'max' }) },
  );
}

const moments = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** A number of pixels and a ratio make a size; rounding may lead out of the rule. */
function sizes(rule: SizeRule): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.integer({ min: rule.minPixels, max: rule.maxPixels }),
      fc.double({ min: 0.25, max: 4, noNaN: true }),
    )
    .map(([pixels, ratio]) => {
      const width = Math.floor(Math.sqrt(pixels * ratio));
      return `${width}${rule.separator}${Math.floor(pixels / width)}`;
    })
    .filter((size) => sizeFault(size, rule) === undefined);
}

/** The value with one thing in it changed: replaced, left out, or added. */
export const spoilt = (value: unknown): fc.Arbitrary<unknown> =>
  fc.constantFrom(...placesIn(value)).chain((place) =>
    fc.oneof(
      fc.oneof(fc.jsonValue(), odd).map((other) => edited(value, place, () => other)),
      fc.constant(edited(value, place, () => undefined)),
      fc
        .jsonValue()
        .map((other) => edited(value, place, (there) => ({ ...(there as object), another: other }))),
    ),
  );

/** What is easily taken for something else. */
const odd = fc.constantFrom<unknown>(
  ...[
    0,
    -1,
    1.5,
    2 ** 31,
    '',
    '1',
    ' ',
    'null',
    '1280x1280',
    '99999*1',
    '2026-02-30',
    'http://[::1]/',
    '__proto__',
  ],
  ...[[], {}, null, true, 'x'.repeat(3000), '\u0000', '狐'.repeat(513)],
);

type Place = readonly (string | number)[];

function placesIn(value: unknown, at: Place = []): Place[] {
  if (value === null || typeof value !== 'object') return [at];
  return [at, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...at, name]))];
}

function edited(value: unknown, [name, ...rest]: Place, edit: (value: unknown) => unknown): unknown {
  if (name === undefined) return edit(value);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[name] = edited(copy[name], rest, edit);
  if (copy[name] === undefined) delete copy[name];
  return copy;
}
