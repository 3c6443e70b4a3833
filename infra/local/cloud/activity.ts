/** Knows whether anything is under way, so that a test can wait until the whole cloud is idle. */
/** Counts the work that is under way; whoever starts work ends it again. */
export class Activity {
  #underWay = 0;
  #waiting: Array<() => void> = [];

  /** Notes that work has started; the function that it returns is to be called when it has ended. */
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
