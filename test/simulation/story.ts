/** What happened in a run, line by line, in words: for a person who has to understand why it went wrong. */
import type { Clock } from './clock.ts';

export class Story {
  readonly lines: string[] = [];
  readonly #clock: Clock;
  readonly #start: number;
  readonly #isTold: boolean;
  readonly #names = new Map<string, string>();

  /** @param isTold otherwise nothing is kept, because most runs interest nobody */
  constructor(clock: Clock, isTold: boolean) {
    this.#clock = clock;
    this.#start = clock.now;
    this.#isTold = isTold;
  }

  tell(line: () => string): void {
    if (!this.#isTold) return;
    this.lines.push(`${elapsed(this.#clock.now - this.#start)}  ${line()}`);
  }

  /** From now on the id is called by a name. */
  name(id: string, name: string): void {
    this.#names.set(id, name);
  }

  nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }
}

/** `0:00:12.345`, so that lines stand in one column up to ten hours. */
function elapsed(ms: number): string {
  const digits = (value: number, length: number) => String(Math.floor(value)).padStart(length, '0');
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60];
  return `${digits(hours, 2)}:${digits(minutes, 2)}:${digits(seconds, 2)}.${digits(ms % 1000, 3)}`;
}
