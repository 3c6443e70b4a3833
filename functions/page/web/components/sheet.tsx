/** Pictures, and beside or below them what is to be said of them: the same places from sending to done, so nothing jumps. */
import type { ComponentChildren } from 'preact';
import type { Size } from '../compose/size.ts';

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

/** Wider than this, two beside each other would be two strips. */
const WIDE = 1.9;

/** One large, two beside each other, or wide ones below each other. */
function columnsFor(shapes: readonly Size[]): number {
  const { width, height } = shapes[0] ?? SQUARE;
  return shapes.length > 1 && width / height < WIDE ? 2 : 1;
}

const SQUARE: Size = { width: 1, height: 1 };

/** Width to height of the whole grid. */
export function overallOf(shapes: readonly Size[]): number {
  const columns = columnsFor(shapes);
  const rows = Math.ceil(shapes.length / columns);
  const { width, height } = shapes[0] ?? SQUARE;
  return (width * columns) / (height * Math.max(1, rows));
}

interface GridProps {
  readonly shapes: readonly Size[];
  readonly children: ComponentChildren;
}

export function Grid({ shapes, children }: GridProps) {
  return <div class={columnsFor(shapes) === 1 ? 'grid' : 'grid two'}>{children}</div>;
}
