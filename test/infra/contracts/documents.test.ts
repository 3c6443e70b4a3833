/** The contracts: as their sources make them, right by public validators, and naming everything there is. */
import { createRequire } from 'node:module';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { documentTexts } from '../../../infra/contracts/documents.ts';
import { EVENT_SOURCE } from '../../../shared/events/names.ts';
import { taskEvent } from '../../../shared/events/task-event.ts';
import { documentedCodes } from '../../../shared/models/wan26_i2i-codes.ts';
import { modelNames } from '../../../shared/providers/definitions.ts';
import { publicTask } from '../../../shared/task/public-task.ts';
import { allOperations, documentText, openApi } from '../../support/contract.ts';
import { CREATED, taskRecord } from '../../support/records.ts';
import { sourcesIn } from '../../support/sources.ts';

const require = createRequire(import.meta.url);
const texts = documentTexts();
const withFormats = <Some extends Ajv>(ajv: Some): Some => (addFormats as unknown as (ajv: Ajv) => Some)(ajv);

test.each(Object.keys(texts))('%s is current; npm run contracts renews it', (path) => {
  expect(documentText(path)).toBe(texts[path]);
});

describe('docs/openapi.json', () => {
  test('is OpenAPI 3.1', async () => {
    const validator = new Validator();

    expect(await validator.validate(documentText('docs/openapi.json'))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('is refused by the same validator when it is wrong', async () => {
    const {
      paths: _,
      webhooks: __,
      components: ___,
      ...wrong
    } = openApi as object as Record<string, unknown>;

    expect((await new Validator().validate(wrong)).valid).toBe(false);
  });

  test('refers to components that are there, and has none that nothing refers to', () => {
    const references = new Set(
      [...JSON.stringify(openApi).matchAll(/"#\/components\/(\w+\/[^"]+)"/g)].map(([, name]) => name),
    );
    const there = (['schemas', 'headers'] as const).flatMap((kind) =>
      Object.keys(openApi.components[kind]).map((name) => `${kind}/${name}`),
    );

    expect([...references].filter((name) => !there.includes(name!))).toEqual([]);
    expect(there.filter((name) => !references.has(name))).toEqual([]);
  });

  test('has schemas that are JSON Schema', () => {
    const ajv = withFormats(new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }));
    ajv.addVocabulary(['x-size', 'discriminator', 'components']);

    for (const name of Object.keys(openApi.components.schemas)) {
      const { schemas } = openApi.components;
      expect(() =>
        ajv.compile({ $ref: `#/components/schemas/${name}`, components: { schemas } }),
      ).not.toThrow();
    }
  });

  test('has a component for each model', () => {
    expect(Object.keys(openApi.components.schemas)).toEqual(expect.arrayContaining([...modelNames]));
  });

  test('has no two operations of one id, and an answer to each that succeeds', () => {
    const ids = allOperations.map(({ operation }) => operation.operationId);

    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of allOperations) {
      expect(Object.keys(operation.responses).some((status) => /^[23]/.test(status))).toBe(true);
    }
  });

  test('names every code that our functions answer with', () => {
    const literal = /\bcode: '(\w+)'|\b(?:conflict|problem)\('(\w+)'/g;
    const answering = ['functions/submit', 'functions/tasks', 'functions/webhooks', 'shared/http'];
    const used = answering
      .flatMap(sourcesIn)
      .flatMap(({ text }) => [...text.matchAll(literal)].map(([, code, other]) => code ?? other ?? ''));
    const named = new Set(
      [...documentText('docs/openapi.json').matchAll(/`(\w+)`: /g)].map(([, code]) => code),
    );

    expect(used).toEqual(expect.arrayContaining(['unauthorized', 'provider_busy', 'task_not_ended']));
    expect([...used, ...documentedCodes.map(({ code }) => code)].filter((code) => !named.has(code))).toEqual(
      [],
    );
  });
});

describe('docs/asyncapi.json', () => {
  const validate = withFormats(new Ajv({ strict: false, allErrors: true })).compile(
    require('@asyncapi/specs/schemas/3.0.0-without-$id.json'),
  );
  const asyncApi = JSON.parse(documentText('docs/asyncapi.json'));

  test('is AsyncAPI 3', () => {
    validate(asyncApi);

    expect(validate.errors ?? []).toEqual([]);
  });

  test('is refused by the same schema when it is wrong', () => {
    expect(validate({ ...asyncApi, operations: { publish: { action: 'shout' } } })).toBe(false);
  });

  test('has a message for each event', () => {
    expect(
      Object.values(asyncApi.components.messages).map((message) => (message as { name: string }).name),
    ).toEqual([
      'Image Task Created',
      'Image Task Completed',
      'Image Task Failed',
      'Budget Threshold Reached',
    ]);
  });
});

describe('docs/event.schema.json', () => {
  const validate = withFormats(new Ajv2020({ strict: true, strictTypes: false })).compile(
    JSON.parse(documentText('docs/event.schema.json')),
  );
  const record = taskRecord({ status: 'completed', completed: CREATED + 30 });
  const { detailType, detail } = taskEvent(
    record,
    publicTask(record, () => 'https://api.example.com/x'),
  );
  const event = {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    source: EVENT_SOURCE,
    'detail-type': detailType,
    account: '123456789012',
    region: 'eu-central-1',
    time: '2026-01-02T03:04:35Z',
    resources: [],
    detail,
  };

  test('takes an event as EventBridge hands it over', () => {
    validate(event);

    expect(validate.errors ?? []).toEqual([]);
  });

  test.each<[string, object]>([
    ['another source', { source: 'aws.s3' }],
    ['another detail type', { 'detail-type': 'Image Task Created' }],
    ['another version', { detail: { ...detail, version: '2' } }],
    ['no task', { detail: { ...detail, task: undefined } }],
  ])('refuses one with %s', (_, wrong) => {
    expect(validate(JSON.parse(JSON.stringify({ ...event, ...wrong })))).toBe(false);
  });
});
