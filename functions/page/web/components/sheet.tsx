/** Pictures, and beside or below them what is to be said of them: the same places from sending to done, so nothing jumps. */
import type { ComponentChildren } from 'preact';
import type { Size } from '../compose/size.ts';
import { columnsFor } from '../history/arrange.ts';

interface SheetProps {
  /** The ratio of all pictures together; absent where there is something to read instead. */
  readonly overall?: number;
  readonly made: ComponentChildren;
  readonly about: ComponentChildren;
}

export function Sheet({ overall, made, about }: SheetProps) {
  return (
    <article
      class={overall === undefined ? 'sheet reading' : 'sheet'}
      style={overall === undefined ? undefined : { '--overall': String(overall) }}
    >
      <div class="made">{made}</div>
      <div class="about">{about}</div>
    </article>
  );
}

interface GridProps {
  readonly shapes: readonly Size[];
  readonly children: ComponentChildren;
}

export function Grid({ shapes, children }: GridProps) {
  return <div class={columnsFor(shapes) === 1 ? 'grid' : 'grid two'}>{children}</div>;
}
