/** The form: what to make, of what, and how. */
import { modelsFor, modes } from '../compose/modes.ts';
import { change, fields, form, limits } from '../state/form.ts';
import { words } from '../state/words.ts';
import { CountField } from './count-field.tsx';
import { ProblemAt } from './field.tsx';
import { GenerateBar } from './generate-bar.tsx';
import { MoreOptions } from './more-options.tsx';
import { PromptField } from './prompt-field.tsx';
import { Radios } from './radio.tsx';
import { References } from './references.tsx';
import { SizeField } from './size-field.tsx';

export function Composer() {
  const { compose } = words.value;
  return (
    <section class="composer" aria-label={compose}>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <ModeField />
        <References />
        <PromptField />
        <SizeField />
        <CountField />
        <MoreOptions />
        <ModelField />
        <ProblemAt name="general" />
      </form>
      <GenerateBar />
    </section>
  );
}

function ModeField() {
  const { whatToMake, modes: names, modeHints } = words.value;
  const { mode } = form.value;
  return (
    <fieldset class="field mode">
      <legend class="unseen">{whatToMake}</legend>
      <Radios
        group="mode"
        kind="segments"
        choices={modes.map((value) => ({ value, name: names[value] }))}
        chosen={mode}
        onChoose={(value) => change({ mode: value })}
      />
      <p class="hint">{modeHints[mode]}</p>
    </fieldset>
  );
}

function ModelField() {
  const { model: label } = words.value;
  const able = modelsFor(form.value.mode, limits);
  const { model } = fields.value;
  if (able.length === 1) {
    return (
      <p class="field line">
        <span>{label}</span>
        <code>{model}</code>
      </p>
    );
  }
  return (
    <div class="field line">
      <label for="model">{label}</label>
      <select
        id="model"
        value={model}
        onChange={(event) => change({ model: able[event.currentTarget.selectedIndex] })}
      >
        {able.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
