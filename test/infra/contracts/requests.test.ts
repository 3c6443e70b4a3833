/** The document and the validator agree about what a request may hold, wherever JSON Schema can say it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listQuery } from '../../../functions/tasks/list-query.ts';
import { readRequest } from '../../../shared/models/read-request.ts';
import { modelNames } from '../../../shared/providers/definitions.ts';
import { faultOf, openApi } from '../../support/contract.ts';
import { spoilt, valuesOf } from '../../support/schema-values.ts';

const violationOf = (body: unknown) => {
  const read = readRequest(body);
  return read.kind === 'violation' ? read.violation : undefined;
};

/** Two numbers in a string, what an address leads to, and a name that only JavaScript minds. */
const beyondJsonSchema = /\bsize\b|image|callback_url|metadata/;

describe.each(modelNames)('%s (a failure prints its seed)', (name) => {
  const schema = openApi.components.schemas[name]!;
  const values = valuesOf(schema);

  test('what the document allows is taken', () => {
    fc.assert(
      fc.property(values, (value) => {
        const violation = violationOf(value);
        if (violation?.param !== 'callback_url') expect(violation).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  test('a request with one thing changed is allowed by both or by neither', () => {
    let refused = 0;
    fc.assert(
      fc.property(values.chain(spoilt), (value) => {
        const violation = violationOf(value);
        const fault = faultOf(schema, value);
        if (fault) refused++;
        if (!violation) expect(fault).toBeUndefined();
        if (violation && !beyondJsonSchema.test(violation.param)) expect(fault).toBeDefined();
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});

test('a list query that the document allows is taken, but for dates that exclude each other (a failure prints its seed)', () => {
  const { parameters = [] } = openApi.paths['/v1/tasks']!.get!;
  const query = parameters.filter((one) => one.in === 'query' && one.name !== 'cursor');
  const values = fc.record(Object.fromEntries(query.map(({ name, schema }) => [name, valuesOf(schema)])), {
    requiredKeys: [],
  });
  const taken: string[] = [];

  fc.assert(
    fc.property(values, ({ metadata = {}, ...rest }) => {
      const pairs = Object.entries(metadata as object).map(([key, value]) => [`metadata[${key}]`, value]);
      const given = Object.fromEntries(
        [...Object.entries(rest), ...pairs].map(([key, value]) => [key, `${value}`]),
      );
      try {
        listQuery('acme', given);
        taken.push(...Object.keys(given));
      } catch (error) {
        expect(error).toMatchObject({
          body: { param: 'created_before', message: expect.stringContaining('later') },
        });
      }
    }),
    { numRuns: 500 },
  );
  expect(taken).toEqual(expect.arrayContaining(query.map(({ name }) => expect.stringContaining(name))));
});
