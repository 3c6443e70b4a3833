/** Lists that are read page by page, as they are asked for. */
import { ServerError } from './errors.ts';

interface Page {
  /** Null on the last page. */
  readonly next_cursor: string | null;
}

/** @param read the page after a cursor, or the first one @internal */
export async function* eachPage<P extends Page>(
  what: string,
  read: (cursor: string | undefined) => Promise<P>,
  first: string | undefined,
): AsyncGenerator<P, void, undefined> {
  let cursor = first;
  for (;;) {
    const page = await read(cursor);
    // A cursor that leads nowhere else would be followed for ever.
    if (page.next_cursor === cursor) {
      throw new ServerError({
        code: 'invalid_answer',
        message: `A page of ${what} has itself as its next page`,
      });
    }
    yield page;
    if (page.next_cursor === null) return;
    cursor = page.next_cursor;
  }
}
