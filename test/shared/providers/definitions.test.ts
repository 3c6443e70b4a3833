/** The providers as data: each model has exactly one home, and what is derived from the definitions is right. */
import { describe, expect, test } from 'vitest';
import { findModel } from '../../../shared/models/registry.ts';
import {
  callsBack,
  definitions,
  firstReadSeconds,
  forEachProvider,
  modelNames,
  modelsThat,
  providerNames,
  providerOf,
} from '../../../shared/providers/definitions.ts';

test('every model is at exactly one provider, and has its rules', () => {
  const all = Object.values(definitions).flatMap(({ models }) => [...models]);

  expect(modelNames).toEqual(all);
  expect(new Set(all).size).toBe(all.length);
  for (const model of all) {
    expect(definitions[providerOf(model)].models).toContain(model);
    expect(findModel(model)?.name).toBe(model);
  }
});

test('every default address is https and ends without a slash', () => {
  for (const name of providerNames) expect(definitions[name].baseUrl).toMatch(/^https:\/\/[^/]+$/);
});

test('one value for each provider, by its name', () => {
  const titles = forEachProvider((name, { title }) => `${name}: ${title}`);
  expect(titles).toEqual({ evolink: 'evolink: EvoLink', vtrix: 'vtrix: Vtrix' });
});

describe('who calls back', () => {
  test.each([
    ['evolink', true],
    ['vtrix', false],
    ['a provider of former times', false],
    ['constructor', false],
  ])('%s: %s', (name, expected) => {
    expect(callsBack(name)).toBe(expected);
  });

  test('splits the models in two', () => {
    expect(modelsThat(true)).toEqual(definitions.evolink.models);
    expect(modelsThat(false)).toEqual(definitions.vtrix.models);
  });
});

test('a provider that never calls back is first read after as many seconds as a queue can delay', () => {
  expect(firstReadSeconds).toBe(10);
  expect(firstReadSeconds).toBeLessThanOrEqual(900);
});
