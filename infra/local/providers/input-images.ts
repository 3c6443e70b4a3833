/** The provider's look at its input images: download or decode, then the documented limits. */
import { imageSize } from 'image-size';
import { isInternal, isLoopback } from './callback-url.ts';
import type { Settings } from './options.ts';

const maxBytes = 10 * 1024 * 1024;
const types = ['jpg', 'png', 'bmp', 'webp'];

/** An input that passed, with its bytes; without bytes when it could not be reached and that is tolerated. */
export type InputImage = { bytes?: Buffer };

/** Reads one input. Throws an Error that says why it is refused. */
export async function takeInput(
  source: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<InputImage> {
  if (source.startsWith('data:')) return inspected(decodeDataUri(source));
  const url = new URL(source);
  if (isInternal(url) && !(settings.allowLoopbackInputs && isLoopback(url))) {
    throw new Error('The image URL is not publicly accessible.');
  }
  let bytes: Buffer;
  try {
    bytes = await download(url, AbortSignal.any([signal, AbortSignal.timeout(settings.inputTimeoutMs)]));
  } catch (cause) {
    if (settings.tolerateUnreachableInputs) return {};
    throw new Error('The image could not be downloaded.', { cause });
  }
  return inspected(bytes);
}

async function download(url: URL, signal: AbortSignal): Promise<Buffer> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) throw new Error(`The host answered ${response.status}.`);
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of response.body) {
    total += chunk.length;
    chunks.push(chunk);
    if (total > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

function decodeDataUri(source: string): Buffer {
  const match = /^data:image\/[a-z.+-]+;base64,([A-Za-z0-9+/]+={0,2})$/.exec(source);
  if (match?.[1] === undefined) throw new Error('The image is not a base64 data URI.');
  return Buffer.from(match[1], 'base64');
}

function inspected(bytes: Buffer): InputImage {
  if (bytes.length > maxBytes) throw new Error('The image is larger than 10 MB.');
  const { width, height, type } = measured(bytes);
  if (type === undefined || !types.includes(type)) {
    throw new Error('The image must be a JPEG, PNG, BMP or WEBP.');
  }
  if (Math.min(width, height) < 384 || Math.max(width, height) > 5000) {
    throw new Error(`Width and height must be 384 to 5000 pixels, this is ${width}x${height}.`);
  }
  if (type === 'png' && hasAlpha(bytes)) throw new Error('A PNG must not have a transparent channel.');
  return { bytes };
}

function measured(bytes: Buffer): { width: number; height: number; type?: string } {
  try {
    return imageSize(bytes);
  } catch (cause) {
    throw new Error('The file is not an image.', { cause });
  }
}

/** Colour types 4 and 6 carry an alpha channel; the others can have a tRNS chunk, always before the first IDAT. */
function hasAlpha(png: Buffer): boolean {
  const colourType = png[25];
  return colourType === 4 || colourType === 6 || png.subarray(0, png.indexOf('IDAT')).includes('tRNS');
}
