// Painting: a place where a picture is painted by a job, with its progress, and what can be done with it after.
import { ApiError, getBlob, getJson } from "./api.js";
import { button, el } from "./dom.js";
import { follow, forget, JobEnded, recall, remember, stopFrom, submit, words } from "./job.js";
import { release, save, showBlob } from "./picture.js";
import { notice } from "./states.js";
import { busy, go } from "./tabs.js";
import { toast } from "./toast.js";
import { duration } from "./words.js";

export class Painting {
  #place; #tab; #told; #image; #bar; #text; #stop; #progress; #caption; #actions; #trouble; #asking; #frame; #running = null; #leave = null; #last = null;

  /** `tab`: whose job it is, also after a reload; `told(job)` hears of a finished one, and may show more of it;
   * `asking` is the button that asks for a picture, and waits while one is painted. */
  constructor(place, tab, told = () => {}, asking = null) {
    [this.#place, this.#tab, this.#told, this.#asking] = [place, tab, told, asking];
    this.#image = el("img", { alt: "", hidden: true });
    this.#text = el("span", { role: "status" });
    this.#stop = button("Cancel", () => stopFrom(this.#stop, this.#running), { kind: "small" });
    this.#bar = el("progress", { max: 1, "aria-label": "How far the picture is" });
    this.#progress = el("div.progress", { hidden: true }, el("div.bar", {}, el("div", {}, this.#text, this.#stop), this.#bar));
    this.#caption = el("p.caption", {});
    this.#actions = el("div.row", {});
    this.#trouble = el("div", {});
    place.classList.add("painting");
    place.hidden = true;
    this.#frame = el("div.frame", {}, this.#image, this.#progress);
    place.append(this.#frame, this.#caption, this.#actions, this.#trouble);
  }

  get running() { return this.#running !== null; }

  /** Another subject: what was painted for the last one goes, unless it is still on its way. */
  clear() {
    if (this.running) return;
    forget(`${this.#tab}-picture`);
    this.#last = null;
    release(this.#image);
    this.#image.hidden = this.#place.hidden = true;
  }

  /** Ask for a picture and paint it; `path` and `json` as `submit` takes them. */
  async paint(path, json) {
    if (this.running) return;
    const { signal } = this.#begin(() => this.paint(path, json));
    try { await this.#finish(await submit(path, { json }), signal); } catch (error) { this.#end(error, signal); }
  }

  /** The job of before the page was loaded anew, if there is one. */
  async resume() {
    const id = recall(`${this.#tab}-picture`);
    return id && !this.running ? this.again(id) : null;
  }

  /** Show a job, as far as it has come, and return it once it is done; another one that is followed goes on unwatched. */
  async again(id) {
    if (this.#last?.job.id !== id) this.#last = null;
    const { signal } = this.#begin(() => this.again(id));
    try { await this.#finish(id, signal); } catch (error) { this.#end(error, signal); }
    return this.#last?.job ?? null;
  }

  #begin(retry) {
    this.#leave?.abort();
    this.#leave = new AbortController();
    this.#running = "";
    this.retry = retry;
    if (this.#asking) this.#asking.disabled = true;
    this.#place.hidden = this.#frame.hidden = this.#progress.hidden = false;
    if (!this.#last) { release(this.#image); this.#image.hidden = true; }
    this.#bar.removeAttribute("value");
    this.#text.textContent = "Sending…";
    this.#stop.disabled = true;
    this.#caption.replaceChildren();
    this.#actions.replaceChildren();
    notice(this.#trouble, null);
    busy(this.#tab, true, "picture");
    return this.#leave;
  }

  async #finish(id, signal) {
    if (signal.aborted) return;
    this.#running = id;
    remember(`${this.#tab}-picture`, id);
    this.#stop.disabled = false;
    const job = await follow(id, (event) => this.#hear(event), signal);
    const blob = await getBlob(`jobs/${id}/files/${job.result.images[0]}`, { signal });
    this.#last = { job, blob };
    this.#show();
    this.#end(null, signal);
  }

  #show() {
    const { job, blob } = this.#last;
    showBlob(this.#image, blob);
    const { id, result } = job, style = result.styles.map((one) => one.name).join(" and ");
    this.#image.alt = result.prompt ?? result.scene?.prompt ?? "The picture";
    this.#caption.replaceChildren(el("strong", {}, style), ` by ${result.engine}, seed ${result.seeds[0]}, ${duration(result.seconds)}`);
    const name = `picture-${id.slice(0, 8)}.png`;
    this.#actions.replaceChildren(
      button("Download", () => save(blob, name), { sign: "download" }),
      button("Use as sketch", () => go("design", { sketch: blob, name }), { sign: "pen" }),
      button("Add to library", () => go("library", { files: [new File([blob], name, { type: "image/png" })] }), { sign: "plus" }));
    this.#told(job);
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

  #end(error, signal) {
    if (signal.aborted) return; // another one is watched now
    this.#running = null;
    if (this.#asking) this.#asking.disabled = false;
    this.#progress.hidden = true;
    busy(this.#tab, false, "picture");
    if (!error) return;
    forget(`${this.#tab}-picture`);
    if (!(error instanceof ApiError) && !(error instanceof JobEnded)) throw error;
    this.#frame.hidden = !this.#last; // half a picture is none
    if (this.#last) { remember(`${this.#tab}-picture`, this.#last.job.id); this.#show(); }
    if (error.state === "cancelled") toast("Cancelled. Your words are as they were.");
    else if (error.status !== 404) notice(this.#trouble, error, this.retry);
    this.#place.hidden = !this.#last && !this.#trouble.firstChild;
  }
}

/** Fill a select with Automatic and all styles. */
export async function styleChoice(select) {
  const { styles } = await getJson("styles");
  const chosen = select.value;
  select.replaceChildren(el("option", { value: "" }, "Found by the words"), ...styles.map((style) => el("option", { value: style.id }, style.name)));
  select.value = styles.some((style) => style.id === chosen) ? chosen : "";
}
