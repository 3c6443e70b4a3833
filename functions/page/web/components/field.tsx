/** What the fields of the form have in common: a label, a hint, and the problem below it. */
import type { ComponentChildren } from 'preact';
import type { FieldName, Problem } from '../compose/check.ts';
import { idOf } from '../state/focus.ts';
import { problemAt } from '../state/form.ts';
import { words } from '../state/words.ts';

interface Props {
  readonly name: FieldName;
  readonly label: string;
  /** Beside the label. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A field with one input, which has the id of the name. */
export function Field({ name, label, aside, children }: Props) {
  return (
    <div class="field">
      <div class="label">
        <label for={idOf(name)}>{label}</label>
        {aside}
      </div>
      {children}
      <ProblemAt name={name} />
    </div>
  );
}

/** A field of several inputs, whose first one that can take the focus has the id of the name. */
export function FieldGroup({ name, label, aside, children }: Props) {
  return (
    <fieldset class="field" aria-describedby={describedBy(name)}>
      <legend class="label">
        <span>{label}</span>
        {aside}
      </legend>
      {children}
      <ProblemAt name={name} />
    </fieldset>
  );
}

export function ProblemAt({ name }: { readonly name: FieldName }) {
  const problem = problemAt(name);
  if (!problem) return null;
  return (
    <p class="problem" id={problemId(name)} role="alert">
      {inWords(problem)}
    </p>
  );
}

const problemId = (name: FieldName) => `${idOf(name)}-problem`;

/** For the input that has the problem. */
export const describedBy = (name: FieldName): string | undefined =>
  problemAt(name) ? problemId(name) : undefined;

function inWords(problem: Problem): string {
  const { problems: say } = words.value;
  switch (problem.kind) {
    case 'said':
      return problem.message;
    case 'too_long':
      return say.too_long(problem.max);
    case 'too_large':
      return say.too_large((problem.max / 1024 / 1024).toFixed(1));
    case 'images':
    case 'size_pixels':
    case 'integer':
      return say[problem.kind](problem.min, problem.max);
    default:
      return say[problem.kind];
  }
}
