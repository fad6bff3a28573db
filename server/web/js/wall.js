// A wall of pictures in rows of one height, each as wide as it is; opens them large.
import { el } from "./dom.js";
import { openLarge } from "./large-view.js";
import { releaseAll, showPath } from "./picture.js";
import { percent } from "./words.js";

export class Wall {
  #place; #options; pictures = [];

  /** `options`: `actions` for the large view, `checked(ids)` where pictures can be selected. */
  constructor(place, options = {}) {
    [this.#place, this.#options] = [place, options];
    place.classList.add("wall");
    if (options.checked) place.addEventListener("change", () => options.checked(this.selected));
  }

  get selected() { return [...this.#place.querySelectorAll("input:checked")].map((input) => input.value); }

  show(pictures) {
    releaseAll(this.#place);
    this.#place.replaceChildren();
    this.pictures = [];
    this.add(pictures);
  }

  add(pictures) {
    this.pictures.push(...pictures);
    this.#place.append(...pictures.map((picture) => this.#item(picture)));
  }

  /** Take pictures away by their ids. */
  remove(ids) {
    this.pictures = this.pictures.filter((picture) => !ids.includes(picture.id));
    for (const item of [...this.#place.children]) if (ids.includes(item.dataset.id)) { releaseAll(item); item.remove(); }
    this.#options.checked?.(this.selected);
  }

  #item(picture) {
    const shape = Math.min(2.4, Math.max(0.6, picture.width / picture.height));
    const open = () => openLarge(this.pictures, this.pictures.indexOf(picture), { ...this.#options, removed: (id) => { this.remove([id]); this.#options.removed?.(id); } });
    const item = el("li.hung", { dataset: { id: picture.id } },
      el("button.open", { type: "button", onclick: open, "aria-label": `Open ${picture.name}` }, showPath(el("img", { alt: "" }), `${picture.thumbnail}?size=512`)),
      this.#options.checked && el("label.pick", {}, el("input", { type: "checkbox", value: picture.id, "aria-label": `Select ${picture.name}` })),
      el("div.told", {}, el("span.name", { title: picture.name }, picture.name), picture.confidence !== undefined && sureness(picture.confidence)),
      picture.why?.length ? el("p.why", {}, picture.why.slice(0, 2).join("; ")) : null);
    item.style.setProperty("--shape", shape);
    return item;
  }
}

/** How sure a hit is, as a bar and in words. */
export function sureness(confidence) {
  const told = el("span.sure", { title: "How sure it is that this is no accident" }, el("i", { "aria-hidden": "true" }), el("span.number", {}, percent(confidence)));
  told.style.setProperty("--score", `${Math.round(confidence * 100)}%`);
  return told;
}
