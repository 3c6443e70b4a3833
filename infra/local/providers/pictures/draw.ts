/** A picture that a person can tell from every other: prompt, model, place in the set, task id, inputs in order. */
import { createCanvas, loadImage, type SKRSContext2D } from '@napi-rs/canvas';
import type { Task } from '../task.ts';
import { familiesFor, spelledOut } from './fonts.ts';
import { paintGround } from './ground.ts';
import { layOut } from './layout.ts';
import { encodePng } from './png.ts';

const margin = 32;
const thumbnail = 160;
const fastest = 1;
const smallest = 9;

/** The picture at `index` of a task, as a PNG of the ordered size. The same task and index give the same bytes. */
export async function drawPicture(task: Task, index: number): Promise<Buffer> {
  const { width, height, prompt, model, images } = task.order;
  const context = createCanvas(width, height).getContext('2d');
  paintGround(context, prompt, index, { width, height });
  context.fillStyle = '#ffffff';
  context.textBaseline = 'top';
  context.font = `28px ${familiesFor(model)}`;
  context.fillText(
    `${index + 1}/${images}  ${model}  ${width}x${height}`,
    margin,
    margin,
    width - 2 * margin,
  );
  context.font = `18px ${familiesFor(task.id)}`;
  context.fillText(task.id, margin, margin + 40, width - 2 * margin);
  const top = margin + 80 + (await drawInputs(context, task, width));
  drawPrompt(context, prompt, { top, width: width - 2 * margin, height: height - top - margin });
  return encodePng(width, height, context.getImageData(0, 0, width, height).data, fastest);
}

/** A picture with its place in the set and nothing else: small, and quick to make. */
export async function drawPlain(width: number, height: number, index: number): Promise<Buffer> {
  const context = createCanvas(width, height).getContext('2d');
  paintGround(context, 'plain', index, { width, height });
  context.fillStyle = '#ffffff';
  context.font = `200px ${familiesFor('0')}`;
  context.fillText(String(index + 1), margin, 250);
  return encodePng(width, height, context.getImageData(0, 0, width, height).data, smallest);
}

/** Draws the inputs in order, each with its number. Returns the height used. */
async function drawInputs(context: SKRSContext2D, task: Task, width: number): Promise<number> {
  const side = Math.min(thumbnail, (width - 2 * margin) / 4 - 8);
  for (const [place, { bytes }] of task.inputs.entries()) {
    const x = margin + place * (side + 8);
    const y = margin + 80;
    if (bytes !== undefined) context.drawImage(await loadImage(bytes), x, y, side, side);
    context.fillStyle = '#000000';
    context.fillRect(x, y, 40, 44);
    context.fillStyle = '#ffffff';
    context.font = `32px ${familiesFor('0')}`;
    context.fillText(String(place + 1), x + 11, y + 2);
  }
  return task.inputs.length === 0 ? 0 : side + 16;
}

function drawPrompt(
  context: SKRSContext2D,
  prompt: string,
  box: { top: number; width: number; height: number },
): void {
  const text = spelledOut(prompt);
  const families = familiesFor(text);
  const reference = 64;
  const widths = new Map<string, number>();
  context.font = `${reference}px ${families}`;
  const layout = layOut(text, box, (piece) => {
    const width = widths.get(piece) ?? context.measureText(piece).width / reference;
    widths.set(piece, width);
    return width;
  });
  context.font = `${layout.size}px ${families}`;
  for (const [row, line] of layout.lines.entries()) {
    context.fillText(line, margin, box.top + row * layout.lineHeight);
  }
}
