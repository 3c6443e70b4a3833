/** Reads a caller's body: which model, is everything allowed, and what every model takes beside its own fields. */
import * as z from 'zod/mini';
import { modelNames } from '../providers/definitions.ts';
import { canonicalJson, isJsonObject, sha256 } from '../runtime/json.ts';
import { checkWebhookUrl, MAX_URL_LENGTH, publicHttps, type WebhookRules } from '../webhooks/webhook-url.ts';
import { length } from './measures.ts';
import type { AskedImages, InputImage, Model, Violation } from './model.ts';
import { findModel } from './registry.ts';

/** A request that holds all documented rules. */
export interface ImageRequest {
  readonly model: Model;
  /** The model's own fields with their defaults; what a provider may be sent. */
  readonly body: unknown;
  readonly asked: AskedImages;
  readonly prompt: string;
  readonly images: readonly InputImage[];
  readonly callbackUrl?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Equal for equal requests, whatever the order of their fields. */
  readonly hash: string;
}

export type ReadRequest =
  | { readonly kind: 'request'; readonly request: ImageRequest }
  | { readonly kind: 'violation'; readonly violation: Violation };

const MAX_PAIRS = 16;
const MAX_KEY_LENGTH = 64;
const MAX_VALUE_LENGTH = 512;

/** For every model, whatever its provider offers; neither is passed on as it is (docs/models.md). */
export const common = z.object({
  callback_url: z.optional(
    z
      .string({ error: 'must be an https URL' })
      .register(z.globalRegistry, { format: 'uri', maxLength: MAX_URL_LENGTH }),
  ),
  metadata: z._default(
    z
      .record(z.string(), z.string({ error: 'must be a string' }), { error: 'must be an object of strings' })
      .check(
        z.refine((pairs) => Object.keys(pairs).length <= MAX_PAIRS, {
          error: `must have at most ${MAX_PAIRS} pairs`,
        }),
        z.refine(
          (pairs) =>
            Object.entries(pairs).every(
              ([key, value]) => length(key) <= MAX_KEY_LENGTH && length(value) <= MAX_VALUE_LENGTH,
            ),
          {
            error: `must have keys of at most ${MAX_KEY_LENGTH} and values of at most ${MAX_VALUE_LENGTH} characters`,
          },
        ),
        z.refine(
          (pairs) =>
            Object.entries(pairs)
              .flat()
              .every((text) => text.isWellFormed()),
          {
            error: 'must not contain a lone surrogate',
          },
        ),
      )
      .register(z.globalRegistry, {
        maxProperties: MAX_PAIRS,
        propertyNames: { maxLength: MAX_KEY_LENGTH, not: { const: '__proto__' } },
        additionalProperties: { type: 'string', maxLength: MAX_VALUE_LENGTH },
      }),
    {},
  ),
});

/** As a caller writes it. */
export type CommonFields = z.input<typeof common>;

/**
 * Checks a parsed JSON body against its model's documented rules; the first broken one is named.
 * @param rules where a `callback_url` may point to
 */
export function readRequest(json: unknown, rules: WebhookRules = publicHttps): ReadRequest {
  if (!isJsonObject(json)) return invalid('must be a JSON object', 'body');
  const { callback_url, metadata, ...own } = json;
  // The one name that JavaScript would silently swallow.
  if (isJsonObject(metadata) && Object.hasOwn(metadata, '__proto__')) {
    return invalid('must not have a key __proto__', 'metadata');
  }
  const model = findModel(own.model);
  if (!model) return invalid(`must be one of ${modelNames.join(', ')}`, 'model');

  const documented = model.violation?.(own);
  if (documented) return refuse(documented);
  const body = model.schema.safeParse(own);
  if (!body.success) return refuse(firstOf(body.error));
  const beside = common.safeParse({ callback_url, metadata });
  if (!beside.success) return refuse(firstOf(beside.error));
  const url = beside.data.callback_url;
  const checked = url === undefined ? undefined : checkWebhookUrl(url, rules);
  if (checked?.kind === 'refused') return invalid(checked.reason, 'callback_url');

  return {
    kind: 'request',
    request: {
      model,
      body: body.data,
      asked: model.askedOf(body.data),
      prompt: model.promptOf(body.data),
      images: model.imagesOf(body.data),
      callbackUrl: url,
      metadata: beside.data.metadata,
      hash: sha256(canonicalJson({ body: body.data, ...beside.data })),
    },
  };
}

const refuse = (violation: Violation): ReadRequest => ({ kind: 'violation', violation });

const invalid = (message: string, param: string): ReadRequest =>
  refuse({ code: 'invalid_parameters', message: `${param} ${message}`, param });

function firstOf({ issues }: z.core.$ZodError): Violation {
  const issue = issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const param = pathOf([...issue.path, issue.keys[0]!]);
    return { code: 'invalid_parameters', message: `${param} is not a parameter of this model`, param };
  }
  const param = pathOf(issue.path);
  return { code: 'invalid_parameters', message: `${param} ${issue.message}`, param };
}

/** `['image_urls', 1]` → `image_urls[1]` */
export function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text ? `${text}.${String(part)}` : String(part);
  }, '');
}
