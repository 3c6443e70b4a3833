/** The host of the images: what it serves at which time, and how slowly. */
import type { IncomingHttpHeaders } from 'node:http';
import { png, pngChunk } from '../../support/pictures.ts';
import type { Clock } from '../clock.ts';
import type { ImageKind } from './plan.ts';

export interface Served {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: Buffer;
  readonly ms?: number;
}

/** The host's name. */
export const IMAGES = 'images.example';
const HOST = `https://${IMAGES}`;
const PRIVATE = 'http://169.254.169.254/latest/meta-data';
const WHILE_MS = 12 * 60_000;
const HANG_MS = 3_600_000;
/** Links of the providers are good for so long (docs/providers.md). */
const LINK_MS = 24 * 3_600_000;

/** Differ in their bytes only. */
const pictures = Array.from({ length: 64 }, (_, nth) =>
  png({ width: 2, height: 2, chunks: [pngChunk('tEXt', Buffer.from(`n\0${nth}`))] }),
);

/** @param kind of the image; its name tells the host what to do */
export const imageUrl = (task: string, index: number, kind: ImageKind): string =>
  kind === 'at a private address' ? `${PRIVATE}/${index}` : `${HOST}/${task}/${index}`;

export class ImageHost {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, { readonly kind: ImageKind; readonly since: number; asked: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on the image is there, in its way. */
  publish(task: string, index: number, kind: ImageKind): void {
    const path = new URL(imageUrl(task, index, 'there')).pathname;
    if (!this.#kinds.has(path)) this.#kinds.set(path, { kind, since: this.#clock.now, asked: 0 });
  }

  serve({ host, pathname }: URL): Served {
    const image = this.#kinds.get(pathname.replace('/moved', ''));
    if (!image || host !== IMAGES) return { status: 404 };
    const age = this.#clock.now - image.since;
    const nth = ++image.asked;
    if (age > LINK_MS) return { status: 404 };
    return this.#servedOf(image.kind, pathname, nth, age);
  }

  #servedOf(kind: ImageKind, pathname: string, nth: number, age: number): Served {
    const body = pictures[Number(pathname.split('/').at(-1)) % pictures.length]!;
    const whole = { status: 200, body };
    const cut = { status: 200, body: body.subarray(0, body.length - 9) };
    switch (kind) {
      case 'late':
        return nth < 3 ? { status: 404 } : whole;
      case 'behind a redirect':
        return pathname.startsWith('/moved')
          ? whole
          : { status: 302, headers: { location: `/moved${pathname}` } };
      case 'empty at first':
        return nth < 3 ? { status: 200, body: Buffer.alloc(0) } : whole;
      case 'cut short at first':
        return age < 2 * 60_000 ? cut : whole;
      case 'cut short for good':
        return cut;
      case 'fails for a while':
        return age < WHILE_MS ? { status: 503 } : whole;
      case 'hangs for a while':
        return age < WHILE_MS ? { ...whole, ms: HANG_MS } : whole;
      case 'slow':
        return { ...whole, ms: 15_000 };
      case 'different each time':
        return { status: 200, body: pictures[(nth + 7) % pictures.length]! };
      case 'gone':
        return { status: 404 };
      case 'a page':
        return { status: 200, body: Buffer.from('<!doctype html><p>Sorry</p>') };
      default:
        return whole;
    }
  }
}
