/** The pictures: every character drawn, the layout complete, the files valid and fit to be inputs again. */
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { imageSize } from 'image-size';
import { expect, test } from 'vitest';
import { hasGlyph, spelledOut } from '../../../../../infra/local/providers/pictures/fonts.ts';
import { layOut } from '../../../../../infra/local/providers/pictures/layout.ts';
import { Pictures } from '../../../../../infra/local/providers/pictures/pictures.ts';
import { paddedTo, withComment } from '../../../../../infra/local/providers/pictures/png.ts';
import { newTask, type Task } from '../../../../../infra/local/providers/task.ts';

function taskOf(prompt: string, id = 'task-1', images = 2): Task {
  const order = {
    model: 'wan26_i2i',
    prompt,
    width: 768,
    height: 768,
    images,
    interleaved: false,
    inputs: [],
  };
  return newTask({ id, key: 'k', bearer: 'k', order, faults: [], createdAt: 0, durationMs: 0 });
}

const drawn = (task: Task, index = 0) => new Pictures('drawn').of(task, index);

test('the common Chinese characters, punctuation and accents are drawn, not boxed', () => {
  const text = '一只坐在月光下的小狐狸，水墨画风格。龘饕餮魑魅魍魉《》“”！？éüñ';

  expect([...text].filter((character) => !hasGlyph(character))).toEqual([]);
});

// The font package has no glyph for 33 rare characters of level 2; an upgrade that loses more must be noticed.
test.each([
  ['1, the 3755 common ones', 0xb0, 0xd7, 3755, 0],
  ['2, the 3008 rarer ones', 0xd8, 0xf7, 3008, 33],
])('GB 2312 level %s', (_, first, final, count, without) => {
  const decoder = new TextDecoder('gbk');
  const characters: string[] = [];
  for (let row = first; row <= final; row += 1) {
    const last = row === 0xd7 ? 0xf9 : 0xfe;
    for (let cell = 0xa1; cell <= last; cell += 1)
      characters.push(decoder.decode(Uint8Array.from([row, cell])));
  }

  const missing = characters.filter((character) => !hasGlyph(character));

  expect(characters).toHaveLength(count);
  expect(missing).toHaveLength(without);
});

test('a character without a glyph is spelled out, never lost', () => {
  expect(hasGlyph('\u{10FFFE}')).toBe(false);
  expect(spelledOut('狐\u{10FFFE}a')).toBe('狐[U+10FFFE]a');
});

test('Chinese text changes the picture: another character, other pixels', async () => {
  const [fox, wolf, again] = await Promise.all([
    drawn(taskOf('狐')),
    drawn(taskOf('狼')),
    drawn(taskOf('狐')),
  ]);

  expect(await inkOf(fox ?? Buffer.alloc(0))).not.toEqual(await inkOf(wolf ?? Buffer.alloc(0)));
  expect(again).toEqual(fox);
});

test('pictures are PNGs of the ordered size without an alpha channel', async () => {
  const picture = await drawn(taskOf('a fox'));

  expect(imageSize(picture)).toMatchObject({ width: 768, height: 768, type: 'png' });
  expect(picture[25]).toBe(2);
  await expect(loadImage(picture)).resolves.toMatchObject({ width: 768, height: 768 });
});

test('plain pictures differ by place and by task, and decode', async () => {
  const plain = new Pictures('plain');
  const [a, b] = [taskOf('x', 'a'), taskOf('x', 'b')];

  const pictures = await Promise.all([plain.of(a, 0), plain.of(a, 1), plain.of(b, 0), plain.of(a, 0)]);

  expect(new Set(pictures.map((picture) => picture.toString('base64'))).size).toBe(3);
  for (const picture of pictures) await expect(loadImage(picture)).resolves.toMatchObject({ width: 768 });
});

test('padding and comments keep the picture valid', async () => {
  const picture = await drawn(taskOf('a fox'));

  const padded = paddedTo(withComment(picture, 'note'), 3_000_000);

  expect(padded.length).toBe(3_000_000);
  await expect(loadImage(padded)).resolves.toMatchObject({ width: 768 });
  expect(() => paddedTo(picture, 100)).toThrow(RangeError);
});

test.each([
  ['Chinese', '狐狸跳过懒狗'.repeat(400).slice(0, 2000)],
  ['English', 'a fox jumps over a lazy dog '.repeat(80).slice(0, 2000)],
  ['one endless word', 'w'.repeat(2000)],
  ['empty lines', 'a\n\n\nb'],
])('the layout loses nothing of %s and fits the box', (_, text) => {
  const box = { width: 700, height: 650 };

  const layout = layOut(text, box, (piece) => [...piece].length * 1);

  const squeezed = (value: string) => value.replaceAll('\n', '');
  expect(squeezed(layout.lines.join(''))).toBe(squeezed(text));
  expect(layout.lines.length * layout.lineHeight).toBeLessThanOrEqual(box.height);
});

/** The prompt's pixels: white on the ground, wherever the ground differs. */
async function inkOf(png: Buffer): Promise<number[]> {
  const image = await loadImage(png);
  const context = createCanvas(image.width, 300).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(32, 110, 120, 100);
  return [...data].filter((_, place) => place % 4 === 0).map((red) => (red > 200 ? 1 : 0));
}
