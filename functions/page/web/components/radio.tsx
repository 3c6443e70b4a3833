/** A group of choices of which one is made: native radio buttons, so that the arrow keys work as everywhere. */
import type { ComponentChildren } from 'preact';

export interface Choice<T> {
  readonly value: T;
  readonly name: string;
  /** What is seen, if that is more than the name. */
  readonly face?: ComponentChildren;
}

interface Props<T> {
  readonly group: string;
  readonly kind: string;
  readonly choices: readonly Choice<T>[];
  readonly chosen: T;
  readonly onChoose: (value: T) => void;
  /** The id of the chosen one, which takes the focus for the group. */
  readonly id?: string;
}

export function Radios<T extends string | number>({ group, kind, choices, chosen, onChoose, id }: Props<T>) {
  return (
    <div class={`radios ${kind}`}>
      {choices.map(({ value, name, face }) => (
        <label key={value} class="radio" title={face ? name : undefined}>
          <input
            type="radio"
            name={group}
            id={value === chosen ? id : undefined}
            checked={value === chosen}
            aria-label={face ? name : undefined}
            onChange={() => onChoose(value)}
          />
          <span class="face">{face ?? name}</span>
        </label>
      ))}
    </div>
  );
}
