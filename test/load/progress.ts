/** One line on standard error that is written anew, or one every few seconds where there is no terminal. */

const EVERY_MS = 5000;

export class Progress {
  #last = 0;
  #what = '';

  say(what: string, done: number, of: number): void {
    const now = Date.now();
    const isNew = what !== this.#what;
    if (!isNew && done < of && now - this.#last < (process.stderr.isTTY ? 200 : EVERY_MS)) return;
    this.#last = now;
    this.#what = what;
    const text = `${what}: ${done} of ${of}`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  }

  line(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
