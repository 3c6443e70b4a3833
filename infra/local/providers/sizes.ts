/** Picture sizes: their spelling, and the limits on pixels and aspect ratio. */
export type Size = { width: number; height: number };

/** `1280x1280` or `1280*1280` with integers, or undefined. */
export function parseSize(value: unknown, separator: 'x' | '*'): Size | undefined {
  const match = typeof value === 'string' ? /^(\d{1,6})([x*])(\d{1,6})$/.exec(value) : null;
  if (match === null || match[2] !== separator) return undefined;
  return { width: Number(match[1]), height: Number(match[3]) };
}

/** What is wrong with the size, or undefined. `pixels` bounds width times height, both ends included. */
export function checkSize({ width, height }: Size, pixels: { min: number; max: number }): string | undefined {
  const total = width * height;
  if (total < pixels.min || total > pixels.max) {
    return `the total must be ${pixels.min} to ${pixels.max} pixels, this is ${total}`;
  }
  if (!hasFairRatio({ width, height })) return 'the aspect ratio must be between 1:4 and 4:1';
  return undefined;
}

/** 1:4 to 4:1, both included. */
export function hasFairRatio({ width, height }: Size): boolean {
  return width * 4 >= height && height * 4 >= width;
}
