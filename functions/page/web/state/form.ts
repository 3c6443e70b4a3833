/** The form: what is filled in, what is wrong with it, and what is shown of that. */

import limits from 'wanhook:limits';
import { computed, effect, signal } from '@preact/signals';
import { type FieldName, type Problems, problemsOf } from '../compose/check.ts';
import { emptyForm, type Form, fieldsOf, withReference } from '../compose/form.ts';
import { modes } from '../compose/modes.ts';
import type { Reference } from '../references/reference.ts';
import { kept } from './kept.ts';

export { limits };

/** Without its pictures: they are too large to keep, and a file cannot be kept. */
const draft = kept<Form>(
  () => sessionStorage,
  'wanhook.draft',
  emptyForm,
  (value) => {
    const form = value as Form | null;
    const isForm = form && modes.includes(form.mode) && typeof form.prompt === 'string';
    return isForm ? { ...emptyForm, ...form, references: [] } : undefined;
  },
);

export const form = signal<Form>(draft.read());
export const fields = computed(() => fieldsOf(form.value, limits));
export const problems = computed(() => problemsOf(form.value, fields.value));
/** What the API said of the form as it was sent; a change of that field takes it away. */
export const said = signal<Problems>({});
/** Fields whose problems are shown: before, nobody has had the chance to fill them in. */
export const touched = signal<ReadonlySet<FieldName>>(new Set());
export const isMoreOpen = signal(false);

effect(() => draft.write({ ...form.value, references: [] }));

/** The problem to show at a field. */
export const problemAt = (name: FieldName) =>
  said.value[name] ?? (touched.value.has(name) ? problems.value[name] : undefined);

export function change(part: Partial<Form>, name?: FieldName): void {
  form.value = { ...form.peek(), ...part };
  if (name && said.peek()[name]) said.value = { ...said.peek(), [name]: undefined };
}

export function touch(...names: readonly FieldName[]): void {
  touched.value = new Set([...touched.peek(), ...names]);
}

export function addReference(reference: Reference): void {
  change(withReference(form.peek(), reference, limits), 'references');
}

export function fillIn(next: Form): void {
  form.value = next;
  said.value = {};
  touched.value = new Set();
  isMoreOpen.value = next.negativePrompt !== '' || next.seed !== '';
}
