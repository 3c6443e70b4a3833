/** A task as the API gives it (README, "The HTTP API"), and what the page reads from it. */

export type Status = 'pending' | 'processing' | 'completed' | 'failed';

export interface TaskImage {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly content_type: string;
  readonly truncated?: true;
}

export type Content =
  | { readonly type: 'image'; readonly url: string }
  | { readonly type: 'text'; readonly text: string; readonly truncated?: true };

/** What it cost; the amount is null when nobody knows it. */
export interface Charge {
  readonly amount: number | null;
  /** An ISO 4217 code, or `credits`. */
  readonly currency: string | null;
}

export interface TaskError {
  readonly code: string;
  readonly message: string;
}

export interface Task {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970, like `completed`. */
  readonly created: number;
  readonly status: Status;
  /** In percent. A provider that calls back tells nothing before the end. */
  readonly progress: number;
  /** The provider has refused it for the time being: nothing runs. */
  readonly not_created?: true;
  readonly task_info?: { readonly estimated_time?: number };
  readonly prompt: string;
  readonly output: readonly { readonly content: readonly Content[] }[];
  readonly images: readonly TaskImage[];
  readonly lost?: readonly { readonly index: number; readonly reason: string }[];
  readonly charge?: Charge | null;
  readonly error: TaskError | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly completed: number | null;
}

export const isRunning = ({ status }: Task): boolean => status === 'pending' || status === 'processing';

/**
 * The same link on the page's own origin, which may have another name than the API's public address: no foreign origin
 * is asked for a picture.
 */
export function ownLink(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** Texts and pictures in the provider's order; a picture with its facts. */
export type Piece =
  | { readonly kind: 'image'; readonly image: TaskImage; readonly index: number }
  | { readonly kind: 'text'; readonly text: string; readonly truncated: boolean };

export function piecesOf({ output, images }: Task): Piece[] {
  const places = new Map(images.map((image, index) => [image.url, { image, index }]));
  return output.flatMap(({ content }) =>
    content.flatMap((item): Piece[] => {
      if (item.type === 'text')
        return [{ kind: 'text', text: item.text, truncated: item.truncated === true }];
      const place = places.get(item.url);
      return place ? [{ kind: 'image', ...place }] : [];
    }),
  );
}

export const hasText = (task: Task): boolean => piecesOf(task).some(({ kind }) => kind === 'text');
