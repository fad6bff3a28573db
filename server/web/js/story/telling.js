// Telling: a picture becomes a story, which is read while it is written.
import { ApiError, getBlob, getJson } from "../api.js";
import { el } from "../dom.js";
import { dropping } from "../dropping.js";
import { cancel, follow, forget, JobEnded, recall, remember, submit, words } from "../job.js";
import { release, save, showBlob } from "../picture.js";
import { notice, state } from "../states.js";
import { busy } from "../tabs.js";
import { toast } from "../toast.js";
import { duration } from "../words.js";
import { card, paragraphs } from "./memories.js";

const JOB = "story-telling";

export class Telling {
  #parts; #memories; #toPicture; #picture = null; #name = ""; #told = null; #id = null;

  /** `toPicture(story)` makes a picture of a story. */
  constructor(parts, memories, toPicture) {
    [this.#parts, this.#memories, this.#toPicture] = [parts, memories, toPicture];
    const seed = parts.tellForm.elements.seed;
    parts.file.addEventListener("change", () => { this.give(parts.file.files[0]); parts.file.value = ""; });
    dropping(parts.telling, ([file]) => this.give(file), { paste: true });
    parts.tellForm.addEventListener("submit", (event) => { event.preventDefault(); this.tell(); });
    parts.dice.addEventListener("click", () => { seed.value = Math.floor(Math.random() * 100000); });
    parts.another.addEventListener("click", () => { seed.value = Number(seed.value) + 1; this.tell(); });
    parts.stop.addEventListener("click", () => { parts.stop.disabled = true; cancel(this.#id).catch(() => {}); });
    parts.toPicture.addEventListener("click", () => this.#toPicture(this.#told.story));
    parts.copy.addEventListener("click", async () => { await navigator.clipboard.writeText(this.#text()); toast("Story copied"); });
    parts.saveText.addEventListener("click", () => save(new Blob([this.#text()], { type: "text/plain" }), `${this.#told.title || "story"}.txt`));
    this.#blank();
  }

  /** A picture to tell of. */
  give(file, name = file?.name ?? "") {
    if (!file) return;
    [this.#picture, this.#name] = [file, name];
    const { given, hint, tellTrouble } = this.#parts;
    showBlob(given, file);
    given.alt = name ? `The picture ${name}` : "The picture";
    given.onerror = () => {
      release(given);
      given.hidden = true;
      hint.hidden = false;
      this.#picture = null;
      notice(tellTrouble, { message: `${name || "That file"} is no picture that this browser can show.`, remedy: "take a PNG, JPEG, WebP or GIF" });
    };
    hint.hidden = true;
    notice(tellTrouble, null);
  }

  async tell() {
    const { tellForm, tellTrouble } = this.#parts;
    if (this.#id !== null) return;
    notice(tellTrouble, null);
    if (!this.#picture) return notice(tellTrouble, { message: "A story is told of a picture: choose one first." });
    const form = new FormData();
    form.append("file", this.#picture, this.#name || "picture");
    for (const name of ["wish", "words", "seed", "top_k"]) form.append(name, tellForm.elements[name].value);
    this.#begin();
    try { await this.#follow(await submit("generate-story", { body: form })); } catch (error) { this.#end(error); }
  }

  /** The job of before the page was loaded anew, or one of the history. */
  async again(id = recall(JOB)) {
    if (!id || this.#id !== null) return;
    try {
      const job = await getJson(`jobs/${id}`);
      this.give(await getBlob(`jobs/${id}/files/${job.inputs[0]}`), job.asked.known ?? "");
      for (const name of ["wish", "seed", "words", "top_k"]) if (job.asked[name] !== undefined) this.#parts.tellForm.elements[name].value = job.asked[name];
      this.#begin();
      await this.#follow(id);
    } catch (error) { this.#end(error.status === 404 ? null : error); }
  }

  #begin() {
    const { tell, stop, status, reading, title, text, after, sources, blank } = this.#parts;
    this.#id = "";
    tell.disabled = true;
    stop.disabled = stop.hidden = false;
    status.textContent = "Sending…";
    for (const part of [title, text, sources, blank]) part.replaceChildren();
    reading.hidden = false;
    after.hidden = true;
    busy("story", true);
  }

  async #follow(id) {
    this.#id = id;
    remember(JOB, id);
    let written = "";
    const job = await follow(id, (event) => {
      if (event.type === "again") written = "";
      if (event.type !== "token") return void (this.#parts.status.textContent = written && event.type !== "offline" ? "Writing…" : words(event));
      written += event.text;
      this.#parts.text.replaceChildren(...paragraphs(written));
      this.#parts.status.textContent = "Writing…";
    });
    this.#show(job.result);
    this.#end(null);
    this.#memories.after(id);
  }

  #show(told) {
    const { title, text, status, after, sources } = this.#parts;
    this.#told = told;
    title.textContent = told.title;
    text.replaceChildren(...paragraphs(told.story));
    status.textContent = `Told by ${told.engine}, seen by ${told.describer}, ${duration(told.seconds)}. ${told.notes.join(". ")}`;
    after.hidden = false;
    const used = told.memories.filter((memory) => told.used.includes(memory.id));
    sources.replaceChildren(
      used.length ? el("div.stack", {}, el("h3", {}, "It takes up"), el("div.used", {}, used.map((memory) => card(memory, () => this.#memories.open(memory.id))))) : "",
      el("details", {}, el("summary", {}, "What was seen on the picture"), el("blockquote", {}, told.description.caption)));
  }

  #end(error) {
    const { tell, stop, status, reading, tellTrouble, title } = this.#parts;
    this.#id = null;
    forget(JOB);
    tell.disabled = false;
    stop.hidden = true;
    busy("story", false);
    if (!error) { if (!title.textContent) this.#blank(); return; }
    if (!(error instanceof ApiError) && !(error instanceof JobEnded)) throw error;
    status.textContent = "";
    if (this.#told) this.#show(this.#told); else { reading.hidden = true; this.#blank(); }
    if (error.state === "cancelled") toast("Cancelled. The picture and your words are as they were.");
    else notice(tellTrouble, error, () => this.tell());
  }

  #blank() {
    state(this.#parts.blank, "empty", { sign: "book", title: "Its story appears here", text: "It is read while it is written, and may take up what was told before." });
  }

  #text() { return `${this.#told.title}\n\n${this.#told.story}\n`; }
}
