/** The reference images, in the order in which they are sent. */
import { useSignal } from '@preact/signals';
import { ACCEPTED, isMendable } from '../references/check.ts';
import type { Reference } from '../references/reference.ts';
import { idOf } from '../state/focus.ts';
import { fields, form, touch } from '../state/form.ts';
import { addFiles, mend, move, remove } from '../state/references.ts';
import { words } from '../state/words.ts';
import { describedBy, FieldGroup } from './field.tsx';
import { Icon } from './icon.tsx';

export function References() {
  const { references: label, imagesNeeded, imageRules, imageKeys } = words.value;
  const { images } = fields.value;
  if (images.max === 0) return null;
  const { references } = form.value;
  return (
    <FieldGroup
      name="references"
      label={label}
      aside={<span class="count">{imagesNeeded(images.min, images.max)}</span>}
    >
      <ol class="references">
        {references.map((reference, index) => (
          <Item key={reference.id} reference={reference} index={index} />
        ))}
        <li class="add">
          <AddButton isFirst={references.length === 0} />
        </li>
      </ol>
      <p class="hint" id="image-rules">
        {imageRules}
      </p>
      <p class="unseen" id="image-keys">
        {imageKeys}
      </p>
    </FieldGroup>
  );
}

function AddButton({ isFirst }: { readonly isFirst: boolean }) {
  const { addImage, addHint } = words.value;
  return (
    <label class={isFirst ? 'first' : undefined}>
      <input
        type="file"
        id={idOf('references')}
        class="unseen"
        multiple
        accept={ACCEPTED}
        aria-label={addImage}
        aria-describedby={`image-rules ${describedBy('references') ?? ''}`.trim()}
        onChange={(event) => {
          const input = event.currentTarget;
          const files = [...(input.files ?? [])];
          input.value = '';
          void addFiles(files).then(() => touch('references'));
        }}
      />
      <Icon name="add" />
      {isFirst && (
        <span>
          {addImage}
          <span class="hint">{addHint}</span>
        </span>
      )}
    </label>
  );
}

const DRAGGED = 'application/x-wanhook-reference';

function Item({ reference, index }: { readonly reference: Reference; readonly index: number }) {
  const { imageName, remove: removeLabel } = words.value;
  const isOver = useSignal(false);

  function onKeyDown(event: KeyboardEvent) {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by) move(index, index + by);
    else if (event.key === 'Delete' || event.key === 'Backspace') remove(reference);
    else return;
    event.preventDefault();
  }

  return (
    <li
      class={isOver.value ? 'reference over' : 'reference'}
      draggable
      onDragStart={(event) => event.dataTransfer?.setData(DRAGGED, String(index))}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes(DRAGGED)) return;
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={(event) => {
        isOver.value = false;
        const from = event.dataTransfer?.getData(DRAGGED);
        if (!from) return;
        event.preventDefault();
        move(Number(from), index);
      }}
    >
      <button
        type="button"
        class="thumb"
        aria-label={imageName(index + 1, reference.name)}
        aria-describedby="image-keys"
        onKeyDown={onKeyDown}
      >
        <img src={reference.preview} alt="" draggable={false} />
        <span class="place">{index + 1}</span>
      </button>
      <button
        type="button"
        class="remove"
        aria-label={removeLabel(index + 1)}
        title={removeLabel(index + 1)}
        onClick={() => remove(reference)}
      >
        <Icon name="close" />
      </button>
      <Fault reference={reference} />
    </li>
  );
}

function Fault({ reference }: { readonly reference: Reference }) {
  const { faults, mend: mendLabels, reduced } = words.value;
  const { fault } = reference;
  if (!fault) return reference.reduced ? <p class="hint">{reduced}</p> : null;
  return (
    <div class="fault">
      <p class="problem" role="alert">
        {fault === 'refused' ? reference.said : faults[fault]}
      </p>
      {fault !== 'refused' && isMendable(fault, reference) && (
        <button type="button" class="small" onClick={() => void mend(reference)}>
          {mendLabels[fault]}
        </button>
      )}
    </div>
  );
}
