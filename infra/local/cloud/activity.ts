// Knows whether anything is under way, so that a test can wait until the whole cloud has come to rest.

/** A count of work under way; every part that starts work ends it again. */
export class Activity {
  #underWay = 0;
  #waiting: Array<() => void> = [];

  /** Marks a piece of work as started; call the answer once when it has ended. */
  begin(): () => void {
    this.#underWay += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#settle();
    };
  }

  /** Resolves when nothing has been under way for a moment (one hop may begin just after another ended). */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#underWay === 0) this.#settle();
    });
  }

  #settle(): void {
    setTimeout(() => {
      if (this.#underWay > 0) return;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    }, 20);
  }
}
