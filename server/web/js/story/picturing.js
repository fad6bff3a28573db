// Picturing: of a story one moment is chosen and painted.
import { el } from "../dom.js";
import { Painting } from "../painting.js";
import { releaseAll } from "../picture.js";
import { notice, state } from "../states.js";
import { tab } from "../storage.js";
import { toast } from "../toast.js";
import { list, sentence } from "../words.js";
import { card } from "./memories.js";

const DRAFT = "draft-story";

export class Picturing {
  #parts; #memories; #painting;

  constructor(parts, memories) {
    [this.#parts, this.#memories] = [parts, memories];
    this.#painting = new Painting(parts.painting, "story", (job) => this.#tell(job), parts.picture);
    const { seed } = parts.pictureForm.elements;
    parts.story.value = tab.getItem(DRAFT) ?? "";
    parts.story.addEventListener("input", () => { tab.setItem(DRAFT, parts.story.value); notice(parts.pictureTrouble, null); });
    parts.pictureForm.addEventListener("submit", (event) => { event.preventDefault(); this.paint(); });
    parts.pictureDice.addEventListener("click", () => { seed.value = Math.floor(Math.random() * 100000); });
    this.#blank();
  }

  /** A story to paint of; what was written before can be had back. */
  give(story) {
    const before = this.#parts.story.value;
    this.#put(story);
    if (before.trim() && before !== story) toast("Another story stood there.", { label: "Put it back", run: () => this.#put(before) });
  }

  async paint() {
    const { story, style, pictureForm, pictureTrouble } = this.#parts;
    if (this.#painting.running) return;
    notice(pictureTrouble, null);
    if (!story.value.trim()) { story.focus(); return notice(pictureTrouble, { message: "There is no story yet." }); }
    this.#clear();
    await this.#painting.paint("generate-image", { story: story.value, seed: Number(pictureForm.elements.seed.value) || 0, ...(style.value && { style: style.value }) });
    this.#blank();
  }

  /** A job of the history, or of before the page was loaded anew. */
  async again(id) {
    this.#clear();
    await (id ? this.#painting.again(id) : this.#painting.resume());
    this.#blank();
  }

  #put(story) {
    this.#parts.story.value = story;
    tab.setItem(DRAFT, story);
  }

  #clear() {
    this.#parts.picturingBlank.replaceChildren();
    releaseAll(this.#parts.scene);
    this.#parts.scene.replaceChildren();
  }

  /** Where there is no picture, what will be there is said. */
  #blank() {
    if (this.#parts.painting.hidden) state(this.#parts.picturingBlank, "empty", { title: "Its moment appears here", text: "The most visible moment of the story is found, and painted." });
  }

  #tell(job) {
    const { scene, memories } = job.result, used = memories.filter((memory) => scene.used.includes(memory.id));
    const rows = [["Shows", list(scene.subjects)], ["Where", scene.setting], ["Light", scene.light], ["Mood", scene.mood], ["Prompt", scene.prompt]];
    releaseAll(this.#parts.scene);
    this.#parts.scene.replaceChildren(
      el("h3", {}, "The moment that was chosen"),
      el("dl.facts", {}, rows.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      el("p.small.muted", {}, [`Chosen by ${scene.engine}.`, ...(scene.notes ?? []).map(sentence)].join(" ")),
      used.length ? el("div.stack", {}, el("h3", {}, "It takes up"), used.map((memory) => card(memory, () => this.#memories.open(memory.id)))) : "");
    this.#memories.after(job.id);
  }
}
