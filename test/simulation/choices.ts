/**
 * Every decision of a run, by name. A name always draws the same from the same seed, whatever was drawn before it: that
 * makes a run repeatable to the letter, and a failing one small, because a deviation can be taken out and all others stay.
 */

/** What happens instead of the usual, by the decision's name. */
export type Deviations = ReadonlyMap<string, string>;

/** How likely each alternative to the usual is, from 0 to 1. */
export type Chances = Readonly<Record<string, number>>;

export class Choices {
  /** What was decided otherwise than usual, in the order of the run. */
  readonly deviations = new Map<string, string>();
  readonly #seed: number;
  readonly #replayed: Deviations | undefined;

  /** @param replayed only these happen; everything else is as usual */
  constructor(seed: string, replayed?: Deviations) {
    this.#seed = hash(0x811c9dc5, seed);
    this.#replayed = replayed;
  }

  /** @param likelihood makes each alternative so many times as likely */
  pick<Usual extends string, Others extends Chances>(
    name: string,
    usual: Usual,
    chances: Others,
    likelihood = 1,
  ): Usual | Extract<keyof Others, string> {
    const picked = this.#replayed ? this.#replayed.get(name) : this.#draw(name, chances, likelihood);
    if (picked === undefined || picked === usual) return usual;
    this.deviations.set(name, picked);
    return picked as Extract<keyof Others, string>;
  }

  /** From 0 to 1. Not a deviation of its own: for what only makes others likely. */
  roll(name: string): number {
    return finished(hash(this.#seed, name)) / 2 ** 32;
  }

  #draw(name: string, chances: Chances, likelihood: number): string | undefined {
    if (likelihood === 0) return undefined;
    let left = this.roll(name);
    for (const other in chances) {
      left -= chances[other]! * likelihood;
      if (left < 0) return other;
    }
    return undefined;
  }
}

/** FNV-1a. */
function hash(seed: number, text: string): number {
  let value = seed;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value;
}

/** The last step of MurmurHash3, without which similar names draw alike. */
function finished(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
