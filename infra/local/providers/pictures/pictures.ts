/** The pictures of all tasks, made when they are first fetched and remembered for a while. */
import { faultOf } from '../faults/fault.ts';
import type { Task } from '../task.ts';
import { drawPicture, drawPlain } from './draw.ts';
import { paddedTo, withComment } from './png.ts';

const remembered = 64;

/** Makes pictures; the same task and index always give the same bytes. */
export class Pictures {
  readonly #style: 'drawn' | 'plain';
  readonly #drawn = new Map<string, Promise<Buffer>>();
  readonly #plain = new Map<string, Promise<Buffer>>();

  constructor(style: 'drawn' | 'plain') {
    this.#style = style;
  }

  /** The PNG at `index`, padded when a `picture-bytes` fault says so. */
  async of(task: Task, index: number): Promise<Buffer> {
    const ours = task.faults.filter((fault) => !('index' in fault) || (fault.index ?? index) === index);
    const bytes = faultOf(ours, 'picture-bytes')?.bytes;
    if (bytes !== undefined) return paddedTo(await this.#marked(task, index), bytes);
    if (this.#style === 'plain') return this.#marked(task, index);
    return this.#remember(`${task.id}/${index}`, () => drawPicture(task, index));
  }

  /** A plain picture with the task's name inside: no two tasks deliver the same bytes. */
  async #marked(task: Task, index: number): Promise<Buffer> {
    const { width, height } = task.order;
    const key = `${width}x${height}/${index}`;
    let plain = this.#plain.get(key);
    if (plain === undefined) {
      plain = drawPlain(width, height, index);
      this.#plain.set(key, plain);
    }
    return withComment(await plain, `${task.id}/${index}`);
  }

  #remember(key: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#drawn.get(key) ?? make();
    this.#drawn.delete(key);
    this.#drawn.set(key, known);
    for (const oldest of this.#drawn.keys()) {
      if (this.#drawn.size <= remembered) break;
      this.#drawn.delete(oldest);
    }
    return known;
  }
}
