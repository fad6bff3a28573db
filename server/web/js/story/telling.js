// Telling: a picture becomes a story, which is read while it is written.
import { ApiError, getBlob, getJson } from "../api.js";
import { copy } from "../copying.js";
import { el } from "../dom.js";
import { follow, forget, JobEnded, recall, remember, stopFrom, submit, words } from "../job.js";
import { release, releaseAll, save, showBlob } from "../picture.js";
import { notice, state } from "../states.js";
import { busy } from "../tabs.js";
import { toast } from "../toast.js";
import { duration, sentence } from "../words.js";
import { card, paragraphs } from "./memories.js";

const JOB = "story-telling";

export class Telling {
  #parts; #memories; #toPicture; #picture = null; #name = ""; #told = null; #id = null; #leave = null;

  /** `toPicture(story)` makes a picture of a story. */
  constructor(parts, memories, toPicture) {
    [this.#parts, this.#memories, this.#toPicture] = [parts, memories, toPicture];
    const seed = parts.tellForm.elements.seed;
    parts.file.addEventListener("change", () => { this.give(parts.file.files[0]); parts.file.value = ""; });
    parts.tellForm.addEventListener("submit", (event) => { event.preventDefault(); this.tell(); });
    parts.dice.addEventListener("click", () => { seed.value = Math.floor(Math.random() * 100000); });
    parts.another.addEventListener("click", () => { seed.value = Number(seed.value) + 1; this.tell(); });
    parts.stop.addEventListener("click", () => stopFrom(parts.stop, this.#id));
    parts.toPicture.addEventListener("click", () => this.#toPicture(this.#told.result.story));
    parts.copy.addEventListener("click", () => copy(this.#text(), "Story"));
    parts.saveText.addEventListener("click", () => save(new Blob([this.#text()], { type: "text/plain" }), `${this.#told.result.title || "story"}.txt`));
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
    const { signal } = this.#begin();
    try { await this.#follow(await submit("generate-story", { body: form }), signal); } catch (error) { this.#end(error, signal); }
  }

  /** The job of before the page was loaded anew, or one of the history; one that is followed goes on unwatched. */
  async again(id = recall(JOB)) {
    if (!id || id === this.#id) return;
    const { signal } = this.#begin();
    this.#told = null;
    try {
      const job = await getJson(`jobs/${id}`, { signal });
      this.give(await getBlob(`jobs/${id}/files/${job.inputs[0]}`, { signal }), "");
      for (const name of ["wish", "seed", "words", "top_k"]) this.#fill(name, job.asked[name]);
      await this.#follow(id, signal);
    } catch (error) { this.#end(error, signal); }
  }

  /** A choice that the page does not offer may have been made elsewhere. */
  #fill(name, value) {
    const field = this.#parts.tellForm.elements[name];
    if (value === undefined || value === null) return;
    if (field.options && ![...field.options].some((option) => option.value === String(value))) field.append(el("option", {}, String(value)));
    field.value = value;
  }

  #begin() {
    const { tell, stop, status, reading, title, text, after, sources, blank } = this.#parts;
    this.#leave?.abort();
    this.#leave = new AbortController();
    this.#id = "";
    tell.disabled = true;
    stop.disabled = true;
    stop.hidden = false;
    status.textContent = "Sending…";
    releaseAll(sources);
    for (const part of [title, text, sources, blank]) part.replaceChildren();
    reading.hidden = false;
    text.ariaBusy = "true"; // it is read out when it is whole, not word by word
    after.hidden = true;
    busy("story", true, "story");
    return this.#leave;
  }

  async #follow(id, signal) {
    if (signal.aborted) return;
    const { stop, status, text } = this.#parts;
    this.#id = id;
    remember(JOB, id);
    stop.disabled = false;
    let written = "";
    const job = await follow(id, (event) => {
      if (event.type === "again") { written = ""; text.replaceChildren(); }
      status.textContent = event.type === "token" ? "Writing…" : words(event);
      if (event.type !== "token") return;
      if (!written) status.scrollIntoView({ block: "nearest" }); // on a phone the story is far below
      written += event.text;
      text.replaceChildren(...paragraphs(written));
    }, signal);
    this.#show(job);
    this.#end(null, signal);
    this.#memories.after(id);
  }

  #show(job) {
    const { title, text, status, after, sources } = this.#parts, told = job.result;
    this.#told = job;
    title.textContent = told.title;
    text.replaceChildren(...paragraphs(told.story));
    status.textContent = [`Told by ${told.engine}, seen by ${told.describer}, ${duration(told.seconds)}.`, ...told.notes.map(sentence)].join(" ");
    after.hidden = false;
    const used = told.memories.filter((memory) => told.used.includes(memory.id));
    sources.replaceChildren(
      used.length ? el("div.stack", {}, el("h3", {}, "It takes up"), used.map((memory) => card(memory, () => this.#memories.open(memory.id)))) : "",
      el("details", {}, el("summary", {}, "What was seen on the picture"), el("blockquote", {}, told.description.caption)));
  }

  #end(error, signal) {
    if (signal.aborted) return; // another one is watched now
    const { tell, stop, status, text, reading, tellTrouble } = this.#parts;
    this.#id = null;
    tell.disabled = false;
    stop.hidden = true;
    text.ariaBusy = "false";
    busy("story", false, "story");
    if (!error) return;
    if (!(error instanceof ApiError) && !(error instanceof JobEnded)) throw error;
    if (this.#told) remember(JOB, this.#told.id); else forget(JOB);
    status.textContent = "";
    text.replaceChildren();
    if (this.#told) this.#show(this.#told); else { reading.hidden = true; this.#blank(); }
    if (error.state === "cancelled") toast("Cancelled. The picture and your words are as they were.");
    else if (error.status !== 404) notice(tellTrouble, error, () => this.tell());
  }

  #blank() {
    state(this.#parts.blank, "empty", { sign: "book", title: "Its story appears here", text: "It is read while it is written, and may take up what was told before." });
  }

  #text() { return `${this.#told.result.title}\n\n${this.#told.result.story}\n`; }
}
