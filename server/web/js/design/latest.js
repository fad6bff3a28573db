// Latest: one piece of work in flight, and after it the newest wish alone; what came between is never begun.

export class Latest {
  #work; #running = false; #wanted = false; #paused = false;

  /** `work()` does one piece; it has to see to its own errors. */
  constructor(work) { this.#work = work; }

  /** Have it done, now or as soon as what runs is finished. */
  async ask() {
    this.#wanted = true;
    if (this.#running || this.#paused) return;
    this.#running = true;
    try {
      while (this.#wanted && !this.#paused) {
        this.#wanted = false;
        await this.#work();
      }
    } finally {
      this.#running = false;
    }
  }

  /** Begin nothing until `resume`; a wish that comes meanwhile is done then. */
  pause() { this.#paused = true; }
  resume() {
    this.#paused = false;
    if (this.#wanted) this.ask();
  }

  /** Take back a wish that was not begun. */
  drop() { this.#wanted = false; }
}
