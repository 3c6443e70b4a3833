/** Files to reference images, in the browser: reads, measures, mends, and writes as data URIs. */
import { freshId } from '../api/fresh-id.ts';
import { headFault, MAX_BYTES, MAX_SIDE, sideFault, typeOf } from './check.ts';
import type { Reference } from './reference.ts';

/** Behind this much of a PNG's head its data has begun, with any colour profile that a camera writes. */
const HEAD_BYTES = 256 * 1024;
const SIGNATURE_BYTES = 16;

export async function referenceOf(file: File): Promise<Reference> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const size = await sizeOf(file);
  const found = headFault(head, file.size);
  return {
    id: freshId(),
    name: file.name || 'image',
    source: { kind: 'file', file },
    preview: URL.createObjectURL(file),
    bytes: file.size,
    ...(size ?? { width: 0, height: 0 }),
    fault: found ?? (size ? sideFault(size) : 'unreadable'),
  };
}

async function sizeOf(file: Blob): Promise<{ width: number; height: number } | undefined> {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  } catch {
    return undefined;
  }
}

/** Draws it anew as a JPEG on white, no larger than is allowed and than `mostBytes`. */
export async function mended(reference: Reference, mostBytes = MAX_BYTES): Promise<Reference> {
  if (reference.source.kind !== 'file') return reference;
  const bitmap = await createImageBitmap(reference.source.file);
  let scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  let file = await drawn(bitmap, scale);
  while (file.size > mostBytes && scale > 0.1) {
    scale *= Math.max(0.5, Math.sqrt(mostBytes / file.size) * 0.95);
    file = await drawn(bitmap, scale);
  }
  const size = { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) };
  bitmap.close();
  URL.revokeObjectURL(reference.preview);
  return {
    ...reference,
    ...size,
    source: { kind: 'file', file },
    preview: URL.createObjectURL(file),
    bytes: file.size,
    fault: sideFault(size),
    reduced: true,
  };
}

async function drawn(bitmap: ImageBitmap, scale: number): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob!), 'image/jpeg', 0.92));
}

/** What is sent: the picture's own link, or the file itself under the type that its bytes have. */
export async function addressOf(source: Reference['source']): Promise<string> {
  if (source.kind === 'result') return source.url;
  const head = new Uint8Array(await source.file.slice(0, SIGNATURE_BYTES).arrayBuffer());
  const uri = await readAsDataUri(source.file);
  return `data:image/${typeOf(head) ?? 'jpeg'};base64,${uri.slice(uri.indexOf(',') + 1)}`;
}

const readAsDataUri = (file: Blob) =>
  new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
