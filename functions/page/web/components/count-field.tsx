/** How many pictures. */
import { countOf } from '../compose/form.ts';
import { idOf } from '../state/focus.ts';
import { change, fields, form } from '../state/form.ts';
import { words } from '../state/words.ts';
import { FieldGroup } from './field.tsx';
import { Radios } from './radio.tsx';

export function CountField() {
  const { count, pictures } = words.value;
  const name = fields.value.pictures ? 'pictures' : 'n';
  const range = fields.value.pictures ?? fields.value.n;
  if (!range) return null;
  const numbers = Array.from({ length: range.max - range.min + 1 }, (_, index) => range.min + index);
  return (
    <FieldGroup name={name} label={name === 'n' ? count : pictures}>
      <Radios
        group="count"
        kind="segments numbers"
        id={idOf(name)}
        choices={numbers.map((value) => ({ value, name: String(value) }))}
        chosen={countOf(form.value, fields.value)}
        onChoose={(value) => change({ [name]: value }, name)}
      />
    </FieldGroup>
  );
}
