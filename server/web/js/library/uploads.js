// Uploads: files on their way into the library, each with what became of it; the failed ones can be tried again.
import { ApiError } from "../api.js";
import { button, el } from "../dom.js";
import { follow, submit } from "../job.js";
import { bytes, plural } from "../words.js";
import { batches } from "../batches.js";

const OUTCOMES = { new: "taken in", unchanged: "was there already", changed: "replaced", renamed: "renamed" };

export class Uploads {
  #place; #tell; #queue = Promise.resolve();

  /** `tell()` is called whenever pictures have come in. */
  constructor(place, tell) { [this.#place, this.#tell] = [place, tell]; }

  /** Send files, after those that are on their way. */
  send(files, tags) {
    const list = new List(files, () => this.send(list.failed, tags));
    this.#place.prepend(list.element);
    this.#queue = this.#queue.then(() => this.#all(list, tags));
    return this.#queue;
  }

  async #all(list, tags) {
    for (const lot of batches(list.files)) {
      for (const file of lot) list.set(file, "sending…");
      try {
        await this.#lot(lot, tags, list);
      } catch (error) {
        if (!(error instanceof ApiError) && error.name !== "Error") throw error;
        for (const file of lot) list.fail(file, error);
      }
      this.#tell();
    }
    list.end();
  }

  async #lot(lot, tags, list) {
    const form = new FormData();
    for (const file of lot) form.append("files", file, file.name);
    if (tags) form.append("tags", tags);
    const id = await submit("pictures", { body: form });
    const job = await follow(id, (event) => { if (event.type === "progress") list.progress(event.step); });
    job.result.results.forEach((result, place) => {
      if (result.error) list.fail(lot[place], result.error); else list.set(lot[place], OUTCOMES[result.outcome] ?? result.outcome, true);
    });
  }
}

class List {
  #items = new Map(); #head; #bar; #list; #done = 0;
  failed = [];

  constructor(files, again) {
    this.files = files;
    this.#head = el("span", { role: "status" }, `Taking in ${plural(files.length, "file")}`);
    this.#bar = el("progress", { max: files.length, value: 0, "aria-label": "Files taken in" });
    this.#list = el("ul", { tabIndex: 0, "aria-label": "What became of each file" }, files.map((file) => this.#item(file)));
    this.again = button("Retry the failed ones", () => { this.element.remove(); again(); }, { kind: "small", hidden: true });
    this.element = el("div.uploads.card", {},
      el("div.row.apart", {}, this.#head, el("div.row", {}, this.again, button("Close", () => this.element.remove(), { kind: "quiet small" }))), this.#bar, this.#list);
  }

  #item(file) {
    const state = el("span.muted", {}, "waiting");
    const item = el("li", {}, el("span.what", { title: file.name }, file.name, el("span.muted", {}, ` ${bytes(file.size)}`)), state);
    this.#items.set(file, { item, state });
    return item;
  }

  set(file, words, done = false) {
    this.#items.get(file).state.textContent = words;
    if (done) this.#count();
  }

  fail(file, { message, remedy }) {
    const { item, state } = this.#items.get(file);
    item.classList.add("failed");
    state.textContent = `${message}${remedy ? `: ${remedy}` : ""}`;
    this.failed.push(file);
    this.#list.prepend(item); // where it is seen
    this.#count();
  }

  progress(step) { this.#bar.value = Math.max(this.#bar.value, this.#done + step); }

  #count() { this.#bar.value = ++this.#done; }

  end() {
    const failed = this.failed.length, fine = this.files.length - failed;
    this.#bar.hidden = true;
    this.again.hidden = !failed;
    this.#head.textContent = failed ? `${plural(fine, "file")} taken in, ${failed} not` : `${plural(fine, "file")} taken in`;
  }
}
