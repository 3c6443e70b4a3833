/** Forms and references as a person would fill them in. */
import type { Form } from '../../../../../functions/page/web/compose/form.ts';
import { emptyForm } from '../../../../../functions/page/web/compose/form.ts';
import type { Reference } from '../../../../../functions/page/web/references/reference.ts';
import { modelLimits } from '../../../../../shared/models/limits.ts';

export const limits = modelLimits();

export const aForm = (part: Partial<Form> = {}): Form => ({ ...emptyForm, prompt: 'a red boat', ...part });

let number = 0;

export function aReference(part: Partial<Reference> = {}): Reference {
  number += 1;
  return {
    id: String(number),
    name: `picture-${number}.png`,
    source: { kind: 'file', file: new Blob(['x']) },
    preview: 'blob:x',
    width: 1000,
    height: 1000,
    bytes: 1,
    ...part,
  };
}
