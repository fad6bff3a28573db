// Preview: what is drawn is painted at small size while the pen still moves; nothing while a job is under way.
import { getJson } from "../api.js";
import { blobOf } from "../picture.js";
import { Latest } from "./latest.js";

export class Preview {
  #latest; #timer = 0; #job = 0; #parts; #canvas; #styles; #easel; #fields;

  /** `fields()` makes the form. */
  constructor({ canvas, parts, styles, easel, fields }) {
    [this.#canvas, this.#parts, this.#styles, this.#easel, this.#fields] = [canvas, parts, styles, easel, fields];
    this.#latest = new Latest(() => this.#paint());
  }

  /** Paint what is there now, in so many milliseconds unless something newer comes. */
  soon(ms) {
    clearTimeout(this.#timer);
    if (ms) this.#timer = setTimeout(() => this.#latest.ask(), ms);
    else this.#latest.ask();
  }

  /** A job begins: what is in flight comes too late. */
  pause() {
    this.#job += 1;
    clearTimeout(this.#timer);
    this.#latest.pause();
  }
  resume() { this.#latest.resume(); }
  drop() { clearTimeout(this.#timer); this.#latest.drop(); }

  async #paint() {
    const parts = this.#parts;
    if (!parts.live.checked || this.#canvas.empty) {
      if (this.#canvas.empty) this.#easel.blank();
      return;
    }
    const form = await this.#fields(true);
    const unworded = !form.get("prompt") && !form.get("style");
    if (unworded) form.set("style", this.#any());
    const start = performance.now(), job = this.#job;
    try {
      const told = await getJson("preview", { method: "POST", body: form });
      if (job !== this.#job) return;
      const taken = told.recipe.retrieved || !unworded ? [...told.styles, ...told.runners_up] : [];
      this.#styles.found(unworded ? [] : told.styles, new Map(taken.map((style) => [style.id, style.score])));
      this.#easel.preview(blobOf(told.images[0]), told, performance.now() - start, unworded);
    } catch (error) {
      if (job === this.#job) this.#easel.say(error.offline ? "No preview: the server does not answer" : `No preview: ${error.message}`);
    }
  }

  /** A style for a drawing of which nothing has been said. */
  #any() { return ["ghibli-watercolour", ...this.#styles.ids].find((id) => this.#styles.has(id)); }
}
