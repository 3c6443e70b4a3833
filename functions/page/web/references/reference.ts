/** A reference image: a file of this machine, or a picture that was made here. */

export interface Reference {
  /** Of this page only. */
  readonly id: string;
  readonly name: string;
  readonly source:
    | { readonly kind: 'file'; readonly file: Blob }
    /** The link as the API gave it, which the provider can open. */
    | { readonly kind: 'result'; readonly url: string };
  /** What an `img` shows. */
  readonly preview: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** What is wrong with it; with one of these it is not sent. */
  readonly fault?: ImageFault | undefined;
  /** What the API says is wrong with it. */
  readonly said?: string | undefined;
  /** It was made smaller here, to fit. */
  readonly reduced?: boolean;
}

/** `refused` is the API's own word, which `said` explains. */
export type ImageFault = 'type' | 'unreadable' | 'bytes' | 'side' | 'transparent' | 'refused';
