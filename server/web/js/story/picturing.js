// Picturing: of a story one moment is chosen and painted.
import { el } from "../dom.js";
import { Painting } from "../painting.js";
import { notice, state } from "../states.js";
import { tab } from "../storage.js";
import { list } from "../words.js";
import { card } from "./memories.js";

const DRAFT = "draft-story";

export class Picturing {
  #parts; #memories; painting;

  constructor(parts, memories) {
    [this.#parts, this.#memories] = [parts, memories];
    this.painting = new Painting(parts.painting, "story", (job) => this.#tell(job));
    parts.story.value = tab.getItem(DRAFT) ?? "";
    parts.story.addEventListener("input", () => tab.setItem(DRAFT, parts.story.value));
    parts.pictureForm.addEventListener("submit", (event) => { event.preventDefault(); this.paint(); });
    state(parts.picturingBlank, "empty", { title: "Its moment appears here", text: "The most visible moment of the story is found, and painted." });
  }

  /** A story to paint of. */
  give(story) {
    this.#parts.story.value = story;
    tab.setItem(DRAFT, story);
  }

  async paint() {
    const { story, style, pictureForm, pictureTrouble, picture, picturingBlank, scene } = this.#parts;
    notice(pictureTrouble, null);
    if (!story.value.trim()) { story.focus(); return notice(pictureTrouble, { message: "There is no story yet." }); }
    picture.disabled = true;
    picturingBlank.replaceChildren();
    scene.replaceChildren();
    await this.painting.paint("generate-image", { story: story.value, seed: Number(pictureForm.elements.seed.value) || 0, ...(style.value && { style: style.value }) });
    picture.disabled = false;
  }

  /** A job of the history, or of before the page was loaded anew. */
  async again(id) {
    this.#parts.picturingBlank.replaceChildren();
    await (id ? this.painting.again(id) : this.painting.resume());
  }

  #tell(job) {
    const { scene, memories } = job.result, used = memories.filter((memory) => scene.used.includes(memory.id));
    const rows = [["Shows", list(scene.subjects)], ["Where", scene.setting], ["Light", scene.light], ["Mood", scene.mood], ["Prompt", scene.prompt], ["Chosen by", scene.engine]];
    this.#parts.picturingBlank.replaceChildren();
    this.#parts.scene.replaceChildren(
      el("h3", {}, "The moment that was chosen"),
      el("dl.facts", {}, rows.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      used.length ? el("div.stack", {}, el("h3", {}, "It takes up"), el("div.used", {}, used.map((memory) => card(memory, () => this.#memories.open(memory.id))))) : "");
    this.#memories.after(job.id);
  }
}
