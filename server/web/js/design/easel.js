// The easel: the preview, the picture while it is painted, the pictures that were made, and a line on what is shown.
import { el } from "../dom.js";
import { release, showBlob } from "../picture.js";
import { duration, list } from "../words.js";
import { installCompare } from "./compare.js";

const MOST = 12; // pictures on the shelf

export class Easel {
  #parts; #chosen; #compare; #shots = []; #previewed = null;
  shown = null; // the finished picture that is shown: { blob, index, told, sketch, id }

  /** `chosen(shot)` is told which finished picture is shown, null for none. */
  constructor(parts, { chosen }) {
    [this.#parts, this.#chosen] = [parts, chosen];
    this.#compare = installCompare(parts);
    parts.bar.removeAttribute("value");
  }

  /** What the file of the picture is called. */
  get name() {
    const { recipe, seeds } = this.shown.told;
    const words = (recipe.prompt || this.shown.told.style.name).toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["picture"];
    return `${words.slice(0, 6).join("-")}-${seeds[this.shown.index]}`;
  }

  /** Nothing is drawn: the place says what it is for, unless a finished picture is shown. */
  blank() {
    if (this.shown) return;
    this.#previewed = null;
    release(this.#parts.picture);
    this.#parts.picture.hidden = true;
    this.#parts.blank.hidden = false;
    this.say("");
  }

  preview(blob, told, ms, unworded) {
    this.#previewed = { blob, told, ms, unworded };
    this.#show(null);
  }

  begin() {
    this.#compare.off();
    Object.assign(this.#parts.progress, { hidden: false });
    this.#parts.bar.removeAttribute("value");
    this.#parts.progressWords.textContent = "Sending…";
  }

  /** An event of the job, with its words. */
  progress(event, words) {
    const { bar, progressWords, picture, blank } = this.#parts;
    progressWords.textContent = words;
    if (event.type === "progress" && event.done !== undefined) bar.value = event.done;
    else if (event.type !== "offline") bar.removeAttribute("value");
    if (event.preview) {
      release(picture);
      picture.src = event.preview;
      picture.alt = "The picture while it is painted";
      picture.hidden = false;
      blank.hidden = true;
    }
  }

  finish(shots) {
    this.#parts.progress.hidden = true;
    this.#shots = [...shots, ...this.#shots].slice(0, MOST);
    this.#show(shots[0]);
  }

  /** The job ended without a picture: what was shown before is shown again. */
  stop() {
    this.#parts.progress.hidden = true;
    if (this.shown || this.#previewed) this.#show(this.shown);
    else this.blank();
  }

  say(...words) { this.#parts.caption.replaceChildren(...words); }

  #show(shot) {
    const { picture, blank, over, compare, download } = this.#parts;
    this.shown = shot;
    blank.hidden = true;
    this.#compare.off();
    const one = shot ?? this.#previewed;
    showBlob(picture, one.blob);
    const styles = list(one.told.styles.map((style) => style.name));
    picture.alt = shot ? `The picture, in ${styles}` : `Preview in ${styles}`;
    this.say(...(shot ? this.#finished(shot, styles) : previewed(one, styles)));
    compare.disabled = !shot?.sketch;
    if (shot?.sketch) showBlob(over, shot.sketch).hidden = true;
    this.#offer(download, shot);
    this.#shelve();
    this.#chosen(shot);
  }

  #finished({ told, index }, styles) {
    return [el("strong", {}, styles), ` by ${told.engine}, seed ${told.seeds[index]}${told.seconds ? `, ${duration(told.seconds)}` : ""}`];
  }

  #offer(download, shot) {
    download.setAttribute("aria-disabled", !shot);
    if (!shot) { download.removeAttribute("href"); download.tabIndex = -1; return; }
    download.href = this.#parts.picture.src;
    download.download = `${this.name}.png`;
    download.tabIndex = 0;
  }

  #shelve() {
    const { shelf } = this.#parts;
    for (const img of shelf.querySelectorAll("img")) release(img);
    if (!this.#shots.length) return shelf.replaceChildren();
    const live = this.#previewed && el("button.chip", { type: "button", "aria-pressed": String(!this.shown), onclick: () => this.#show(null) }, "Live");
    shelf.replaceChildren(el("div.shots", { role: "group", "aria-label": "Pictures made" }, live,
      this.#shots.map((shot, place) => el("button.shot", { type: "button", "aria-pressed": String(shot === this.shown), "aria-label": `Picture ${place + 1}, ${shot.told.style.name}, seed ${shot.told.seeds[shot.index]}`, onclick: () => this.#show(shot) },
        showBlob(el("img", { alt: "" }), shot.blob)))));
  }
}

function previewed({ told, ms, unworded }, styles) {
  const { score } = told.style;
  const fit = unworded ? ", until your words find a style" : told.recipe.retrieved && score !== null ? `, found with ${score.toFixed(2)}` : "";
  return ["Preview in ", el("strong", {}, styles), `${fit} · ${Math.round(ms)} ms`];
}
