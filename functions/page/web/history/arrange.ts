/** How the pictures of a task lie together. */
import type { Size } from '../compose/size.ts';

/** Wider than this, two beside each other would be two strips. */
const WIDE = 1.9;
const SQUARE: Size = { width: 1, height: 1 };

/** One large, two beside each other, or wide ones below each other. */
export function columnsFor(shapes: readonly Size[]): number {
  const { width, height } = shapes[0] ?? SQUARE;
  return shapes.length > 1 && width / height < WIDE ? 2 : 1;
}

/** Width to height of all of them together. */
export function overallRatio(shapes: readonly Size[]): number {
  const columns = columnsFor(shapes);
  const rows = Math.max(1, Math.ceil(shapes.length / columns));
  const { width, height } = shapes[0] ?? SQUARE;
  return (width * columns) / (height * rows);
}
