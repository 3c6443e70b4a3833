/** Faults of one side, ours or the providers': how likely they are in a run, and how many there may be. */
import type { Chances, Choices } from './choices.ts';

export class Faults {
  readonly #choices: Choices;
  readonly #likelihood: number;
  readonly #most: number;
  #count = 0;

  /**
   * @param likelihood makes each fault so many times as likely as listed; 0 for a calm run
   * @param most after so many everything works: no promise holds where nothing ever does
   */
  constructor(choices: Choices, likelihood: number, most = Number.POSITIVE_INFINITY) {
    this.#choices = choices;
    this.#likelihood = likelihood;
    this.#most = most;
  }

  /** Whether there was none yet. */
  get isCalm(): boolean {
    return this.#count === 0;
  }

  /** @see Choices.pick */
  pick<Usual extends string, Others extends Chances>(
    name: string,
    usual: Usual,
    chances: Others,
  ): Usual | Extract<keyof Others, string> {
    const likelihood = this.#count < this.#most ? this.#likelihood : 0;
    const picked = this.#choices.pick(name, usual, chances, likelihood);
    if (picked !== usual) this.#count += 1;
    return picked;
  }
}
