/**
 * What may be asked of each model, as a type of its own: a field of one model in a request to another does not compile.
 * The limits are the API's to check; docs/models.md has them all.
 */

/** Every model, for a menu or a check. */
export const models = [
  'wan2.5-text-to-image',
  'wan2.5-image-to-image',
  'wan25_t2i_preview',
  'wan26_i2i',
] as const;

export type ModelName = (typeof models)[number];

/** What every model takes; neither is sent to a provider. */
export interface CommonFields {
  /** Where the outcome is sent: a public https URL of at most 2048 characters. */
  callback_url?: string | undefined;
  /** Returned everywhere: at most 16 pairs, keys of at most 64 and values of at most 512 characters. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/** Text to image. */
export interface TextToImageFields {
  model: 'wan2.5-text-to-image';
  /** 1 to 2000 characters. */
  prompt: string;
  /** `1280x1280` unless told otherwise: 768×768 to 1440×1440 pixels in total, a ratio from 1:4 to 4:1. */
  size?: string | undefined;
  /** How many images, 1 to 4; 1 unless told otherwise. */
  n?: number | undefined;
  /** Whether the provider may extend the prompt; true unless told otherwise. */
  prompt_extend?: boolean | undefined;
}

/** Editing one image, fusing two. */
export interface ImageToImageFields {
  model: 'wan2.5-image-to-image';
  /** 1 to 2000 characters. */
  prompt: string;
  /** 1 to 2 images: URLs, or `data:{mime};base64,…` */
  image_urls: readonly string[];
  /** How many images, 1 to 4; 1 unless told otherwise. */
  n?: number | undefined;
}

/** Text to image, with a negative prompt and a seed. */
export interface TextToImagePreviewFields {
  model: 'wan25_t2i_preview';
  input: {
    /** 1 to 2000 characters. */
    prompt: string;
    /** At most 500 characters. */
    negative_prompt?: string | undefined;
  };
  parameters?:
    | {
        /** `1280*1280` unless told otherwise: 1280×1280 to 1440×1440 pixels in total, a ratio from 1:4 to 4:1. */
        size?: string | undefined;
        /** How many images, 1 to 4; 4 unless told otherwise. */
        n?: number | undefined;
        /** True unless told otherwise. */
        prompt_extend?: boolean | undefined;
        /** False unless told otherwise. */
        watermark?: boolean | undefined;
        /** 0 to 2147483647. */
        seed?: number | undefined;
      }
    | undefined;
}

/** Either a text or an image; a message holds exactly one text. */
export type ContentItem =
  | {
      /** 1 to 2000 characters. */
      text: string;
    }
  | {
      /** A URL, or `data:{mime};base64,…` */
      image: string;
    };

/** Editing and fusing 1 to 4 images; with `enable_interleave`, texts and images in turn from 0 to 1 image. */
export interface EditFields {
  model: 'wan26_i2i';
  input: {
    /** Exactly one message. */
    messages: readonly { role: 'user'; content: readonly ContentItem[] }[];
  };
  parameters?:
    | {
        /** At most 500 characters. */
        negative_prompt?: string | undefined;
        /** Like `1280*1280`: 768×768 to 1280×1280 pixels in total, a ratio from 1:4 to 4:1. */
        size?: string | undefined;
        /** How many images, 1 to 4; 1 unless told otherwise, and 1 with `enable_interleave`. */
        n?: number | undefined;
        /** False unless told otherwise. */
        enable_interleave?: boolean | undefined;
        /** 1 to 5, only with `enable_interleave`; 5 unless told otherwise. */
        max_images?: number | undefined;
        /** True unless told otherwise; without effect with `enable_interleave`. */
        prompt_extend?: boolean | undefined;
        /** False unless told otherwise. */
        watermark?: boolean | undefined;
        /** 0 to 2147483647. */
        seed?: number | undefined;
      }
    | undefined;
}

export type TextToImageRequest = TextToImageFields & CommonFields;
export type ImageToImageRequest = ImageToImageFields & CommonFields;
export type TextToImagePreviewRequest = TextToImagePreviewFields & CommonFields;
export type EditRequest = EditFields & CommonFields;

/** A request to any model; `model` decides which fields there are. */
export type ImageRequest = TextToImageRequest | ImageToImageRequest | TextToImagePreviewRequest | EditRequest;

/** The request that a model takes: `RequestOf<'wan26_i2i'>`. */
export type RequestOf<Model extends ModelName> = Extract<ImageRequest, { model: Model }>;
