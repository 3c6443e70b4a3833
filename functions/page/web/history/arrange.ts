/** How the pictures of a task lie together. */
import type { Size } from '../compose/size.ts';

/** From which ratio on pictures are larger below each other than in two columns, in a room about as wide as high. */
const WIDE_PAIR = 1.2;
const WIDE = 1.9;
const SQUARE: Size = { width: 1, height: 1 };

/** One large, two beside each other, or wide ones below each other. */
export function columnsFor(shapes: readonly Size[]): number {
  const { width, height } = shapes[0] ?? SQUARE;
  const wide = shapes.length === 2 ? WIDE_PAIR : WIDE;
  return shapes.length > 1 && width / height < wide ? 2 : 1;
}

/** Width to height of all of them together. */
export function overallRatio(shapes: readonly Size[]): number {
  const columns = columnsFor(shapes);
  const rows = Math.max(1, Math.ceil(shapes.length / columns));
  const { width, height } = shapes[0] ?? SQUARE;
  return (width * columns) / (height * rows);
}
