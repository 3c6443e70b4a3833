/** Faults of result links and of the files behind them; without `index` they strike every image of the task. */
import * as z from 'zod';
import { formats } from '../pictures/formats.ts';

const index = z.int().min(0).optional();
/** After so many fetches the link is fine. */
const times = z.int().min(0).optional();

export const pictureFaults = [
  z.strictObject({ kind: z.literal('picture-status'), status: z.int().min(400).max(599), times, index }),
  z.strictObject({ kind: z.literal('picture-hang'), times, index }),
  /** Sends `bytes` bytes, waits `everyMs`, and so on. */
  z.strictObject({
    kind: z.literal('picture-drip'),
    bytes: z.int().min(1),
    everyMs: z.int().min(1),
    times,
    index,
  }),
  /** Redirects to `to`, or to another path of the same host that delivers. */
  z.strictObject({ kind: z.literal('picture-redirect'), to: z.string().optional(), index }),
  /** Content-Length promises more than arrives. */
  z.strictObject({ kind: z.literal('picture-truncated'), times, index }),
  /** The file itself ends early: only its first `keep` are there, and Content-Length says so. */
  z.strictObject({
    kind: z.literal('picture-cut'),
    keep: z.number().min(0.01).max(0.99).default(0.5),
    times,
    index,
  }),
  /** 200 and not a byte. */
  z.strictObject({ kind: z.literal('picture-empty'), times, index }),
  /** A page of HTML, sent as an image. */
  z.strictObject({ kind: z.literal('picture-html'), index }),
  /** A valid PNG of exactly `bytes`; the floor leaves room for the picture itself. */
  z.strictObject({ kind: z.literal('picture-bytes'), bytes: z.int().min(100_000), index }),
  /** The same picture in another format, with that format's content type. */
  z.strictObject({ kind: z.literal('picture-format'), format: z.enum(formats), index }),
  /** These very bytes, in Base64. */
  z.strictObject({ kind: z.literal('picture-body'), base64: z.base64(), index }),
  z.strictObject({ kind: z.literal('picture-type'), contentType: z.string(), index }),
  /** Compressed, and said so in Content-Encoding, whether or not the client accepts it. */
  z.strictObject({ kind: z.literal('picture-encoded'), encoding: z.enum(['gzip', 'br', 'deflate']), index }),
  /** The result names this URL instead of one of ours. */
  z.strictObject({ kind: z.literal('picture-link'), url: z.string(), index }),
] as const;
