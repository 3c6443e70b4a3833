/**
 * What every model file holds: its schema with limits and defaults, and how its input images are found.
 * Prices, limits and models change: a model is one file, and nothing else knows its limits.
 */
import type * as z from 'zod/mini';
import type { ModelName } from '../providers/definitions.ts';

/** A request that breaks a documented rule: 400, nothing recorded, nothing charged. */
export interface Violation {
  readonly code: string;
  readonly message: string;
  /** The offending field, as a path: `input.messages`, `image_urls[1]`. */
  readonly param: string;
}

export interface Model<Body = unknown> {
  readonly name: ModelName;
  /** The body as the model takes it, `model` included; `callback_url` and `metadata` are taken off before. */
  readonly schema: z.ZodMiniType<Body>;
  /** The documented code for a broken rule; without this every one is `invalid_parameters`. */
  readonly violation?: (body: unknown) => Violation | undefined;
  /** How many images a provider may charge for in advance. */
  readonly askedOf: (body: Body) => AskedImages;
  readonly promptOf: (body: Body) => string;
  /** Input images in the caller's order: URLs or data URIs. */
  readonly imagesOf: (body: Body) => readonly InputImage[];
  /** The same body with other addresses for its images, in the same order. */
  readonly withImages: (body: Body, urls: readonly string[]) => Body;
}

export interface AskedImages {
  readonly images: number;
  /** As the model writes it; a provider chooses one when the request does not. */
  readonly size?: string | undefined;
}

/** An input image and the field that holds it. */
export interface InputImage {
  readonly param: string;
  readonly url: string;
}

/** Keeps a model's own body type inside its file; outside it is only what its schema gave. */
export const defineModel = <Body>(model: Model<Body>): Model => model as unknown as Model;
