/** A file of the page, as the build (infra/page/build-page.ts) hands it to the function: text, and what it compresses to. */
export interface PageFile {
  /** Below `/assets/`, with a hash of the content in it; empty for the page itself. */
  readonly name: string;
  readonly contentType: string;
  /** An entity tag, weak because it is the same for every encoding. */
  readonly entityTag: string;
  readonly text: string;
  /** In base64. */
  readonly gzip: string;
  /** Brotli, in base64. */
  readonly br: string;
}

/** Where the build puts the files, beside the function's code: JSON of a list. */
export const PAGE_FILES = 'page.json';
