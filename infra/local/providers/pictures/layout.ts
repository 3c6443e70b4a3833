/** Text in a box: the largest size at which all of it fits, broken into lines. Chinese breaks anywhere, words do not. */
const sizes = [72, 60, 50, 42, 36, 30, 26, 22, 19, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4];
const lineHeight = 1.25;

export type Layout = { size: number; lineHeight: number; lines: string[] };

/**
 * Lays the text out in a box of width by height pixels. `widthOf` measures a piece of text at a size of 1 pixel;
 * widths grow in proportion. Text too long even for the smallest size overflows at the bottom.
 */
export function layOut(
  text: string,
  box: { width: number; height: number },
  widthOf: (text: string) => number,
): Layout {
  const pieces = piecesOf(text).map((piece) => ({ piece, width: widthOf(piece) }));
  let layout: Layout = { size: 0, lineHeight: 0, lines: [] };
  for (const size of sizes) {
    layout = { size, lineHeight: size * lineHeight, lines: broken(pieces, box.width / size) };
    if (layout.lines.length * layout.lineHeight <= box.height) return layout;
  }
  return layout;
}

/** Words with the blanks after them, line ends, and every other character by itself. */
function piecesOf(text: string): string[] {
  return (text.match(/\n|[!-~\u00C0-\u024F]{1,20}[ \t]*|[^\n]/gu) ?? []).flat();
}

function broken(pieces: { piece: string; width: number }[], available: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const { piece, width } of pieces) {
    if (piece === '\n' || (line !== '' && used + width > available)) {
      lines.push(line);
      line = '';
      used = 0;
    }
    if (piece !== '\n') {
      line += piece;
      used += width;
    }
  }
  return [...lines, line];
}
