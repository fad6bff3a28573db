// Painting: a place where a picture is painted by a job, with its progress, and what can be done with it after.
import { ApiError, getBlob, getJson } from "./api.js";
import { button, el } from "./dom.js";
import { cancel, follow, forget, JobEnded, recall, remember, submit, words } from "./job.js";
import { release, save, showBlob } from "./picture.js";
import { notice } from "./states.js";
import { busy, go } from "./tabs.js";
import { duration } from "./words.js";

export class Painting {
  #place; #tab; #told; #image; #bar; #text; #stop; #progress; #caption; #actions; #trouble; #running = null;

  /** `tab`: whose job it is, also after a reload; `told(job)` hears of a finished one, and may show more of it. */
  constructor(place, tab, told = () => {}) {
    [this.#place, this.#tab, this.#told] = [place, tab, told];
    this.#image = el("img", { alt: "", hidden: true });
    this.#text = el("span", { role: "status" });
    this.#stop = button("Cancel", () => { this.#stop.disabled = true; cancel(this.#running).catch(() => {}); }, { kind: "small" });
    this.#bar = el("progress", { max: 1, "aria-label": "How far the picture is" });
    this.#progress = el("div.progress", { hidden: true }, el("div.bar", {}, el("div", {}, this.#text, this.#stop), this.#bar));
    this.#caption = el("p.caption", {});
    this.#actions = el("div.row", {});
    this.#trouble = el("div", {});
    place.classList.add("painting");
    place.hidden = true;
    place.append(el("div.frame", {}, this.#image, this.#progress), this.#caption, this.#actions, this.#trouble);
  }

  get running() { return this.#running !== null; }

  /** Another subject: what was painted for the last one goes, unless it is still on its way. */
  clear() {
    if (this.running) return;
    release(this.#image);
    this.#image.hidden = this.#place.hidden = true;
  }

  /** Ask for a picture and paint it; `path` and `json` as `submit` takes them. */
  async paint(path, json) {
    if (this.running) return;
    this.#begin(() => this.paint(path, json));
    try { await this.#finish(await submit(path, { json })); } catch (error) { this.#end(error); }
  }

  /** The job of before the page was loaded anew, if there is one. */
  async resume() {
    const id = recall(`${this.#tab}-picture`);
    if (id && !this.running) await this.again(id);
  }

  /** Show a job, as far as it has come. */
  async again(id) {
    this.#begin(() => this.again(id));
    try { await this.#finish(id); } catch (error) { this.#end(error.status === 404 ? null : error); }
  }

  #begin(retry) {
    this.#running = "";
    this.retry = retry;
    this.#place.hidden = this.#progress.hidden = false;
    this.#bar.removeAttribute("value");
    this.#text.textContent = "Sending…";
    this.#stop.disabled = true;
    this.#caption.replaceChildren();
    this.#actions.replaceChildren();
    notice(this.#trouble, null);
    busy(this.#tab, true);
  }

  async #finish(id) {
    this.#running = id;
    remember(`${this.#tab}-picture`, id);
    this.#stop.disabled = false;
    const job = await follow(id, (event) => this.#hear(event));
    const blob = await getBlob(`jobs/${id}/files/${job.result.images[0]}`);
    showBlob(this.#image, blob);
    const { result } = job, style = result.styles.map((one) => one.name).join(" and ");
    this.#image.alt = result.prompt ?? result.scene?.prompt ?? "The picture";
    this.#caption.replaceChildren(el("strong", {}, style), ` by ${result.engine}, seed ${result.seeds[0]}, ${duration(result.seconds)}`);
    const name = `picture-${id.slice(0, 8)}.png`;
    this.#actions.replaceChildren(
      button("Download", () => save(blob, name), { sign: "download" }),
      button("Use as sketch", () => go("design", { sketch: blob, name }), { sign: "pen" }),
      button("Add to library", () => go("library", { files: [new File([blob], name, { type: "image/png" })] }), { sign: "plus" }));
    this.#told(job, blob);
    this.#end(null);
  }

  #hear(event) {
    this.#text.textContent = words(event);
    if (event.done !== undefined) this.#bar.value = event.done;
    if (event.preview) {
      release(this.#image);
      this.#image.src = event.preview;
      this.#image.hidden = false;
    }
  }

  #end(error) {
    this.#running = null;
    forget(`${this.#tab}-picture`);
    this.#progress.hidden = true;
    busy(this.#tab, false);
    if (!error) return;
    if (!(error instanceof ApiError) && !(error instanceof JobEnded)) throw error;
    if (this.#image.src.startsWith("data:")) { release(this.#image); this.#image.hidden = true; } // half a picture is none
    notice(this.#trouble, error, this.retry);
  }
}

/** Fill a select with Automatic and all styles. */
export async function styleChoice(select) {
  const { styles } = await getJson("styles");
  const chosen = select.value;
  select.replaceChildren(el("option", { value: "" }, "Found by the words"), ...styles.map((style) => el("option", { value: style.id }, style.name)));
  select.value = styles.some((style) => style.id === chosen) ? chosen : "";
}
