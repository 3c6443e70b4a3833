/** The ground of every picture: a colour that follows from the seed and the place in the set, and a frame. */
import { createHash } from 'node:crypto';
import type { SKRSContext2D } from '@napi-rs/canvas';

export function paintGround(
  context: SKRSContext2D,
  seed: string,
  index: number,
  { width, height }: { width: number; height: number },
): void {
  const hue = (createHash('sha256').update(seed).digest().readUInt16BE(0) + index * 83) % 360;
  context.fillStyle = `hsl(${hue}, 55%, 30%)`;
  context.fillRect(0, 0, width, height);
  context.strokeStyle = `hsl(${hue}, 60%, 65%)`;
  context.lineWidth = 12;
  context.strokeRect(6, 6, width - 12, height - 12);
}
