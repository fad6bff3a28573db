// Styles to choose from: found by the words, one of them, or several with weights; each shows how well it fits.
import { el, icon } from "../dom.js";
import { getJson } from "../api.js";
import { showPath } from "../picture.js";

export class Styles extends EventTarget {
  #place; #weights; #blend; #items = new Map();

  /** `place`: a fieldset's list; `weights`: where sliders of a blend go; `blend`: the switch to several. */
  constructor({ styles, weights, blend }) {
    super();
    [this.#place, this.#weights, this.#blend] = [styles, weights, blend];
    blend.addEventListener("change", () => this.#kind());
    styles.addEventListener("change", () => { this.#sliders(); this.#tell(); });
  }

  async load(chosen = this.value) {
    const { styles } = await getJson("styles");
    this.#items.clear();
    this.#place.replaceChildren(this.#item({ id: "", name: "Automatic" }), ...styles.map((style) => this.#item(style)));
    this.choose(chosen);
  }

  /** What the form sends: "" for automatic, an id, or `id:weight,id:weight`. */
  get value() {
    const chosen = this.#chosen();
    if (!this.#blend.checked || chosen.length < 2) return chosen[0] ?? "";
    return chosen.map((id) => `${id}:${this.#weights.querySelector(`[data-id="${CSS.escape(id)}"]`)?.value ?? 1}`).join(",");
  }

  /** Choose by what `value` gives. */
  choose(value) {
    const parts = value ? value.split(",").map((part) => part.split(":")) : [];
    this.#blend.checked = parts.length > 1;
    this.#kind(false);
    for (const [id, { input }] of this.#items) input.checked = parts.length ? parts.some(([known]) => known === id) : id === "";
    if (!this.#chosen().length) this.#items.get("")?.input && (this.#items.get("").input.checked = true);
    this.#sliders(Object.fromEntries(parts));
  }

  name(id) { return this.#items.get(id)?.name ?? id; }
  get ids() { return [...this.#items.keys()].filter(Boolean); }
  has(id) { return this.#items.has(id); }

  /** Show what was found: scores of styles, and which one was taken. */
  found(taken, scores) {
    const ids = new Set(taken.map((style) => style.id));
    for (const [id, { label, meter }] of this.#items) {
      label.classList.toggle("found", ids.has(id));
      const score = scores.get(id);
      meter.textContent = score === undefined || score === null ? "" : score.toFixed(2);
    }
  }

  #item({ id, name, image }) {
    const input = el("input", { type: "radio", name: "style", value: id, checked: id === "" });
    const meter = el("span.score.number", {});
    const shown = image ? showPath(el("img", { alt: "", width: 96, height: 96 }), `${image}?size=104`) : el("span.auto", {}, icon("star"));
    const label = el("label.style", {}, input, shown, el("span.name", {}, name), meter);
    this.#items.set(id, { label, input, name, meter });
    return label;
  }

  #chosen() { return [...this.#items].filter(([, { input }]) => input.checked).map(([id]) => id).filter(Boolean); }

  #kind(tell = true) {
    const several = this.#blend.checked, before = this.#chosen();
    for (const [id, { input, label }] of this.#items) {
      input.type = several ? "checkbox" : "radio";
      label.hidden = several && id === "";
      input.checked = several ? before.includes(id) : id === (before[0] ?? "");
    }
    this.#sliders();
    if (tell) this.#tell();
  }

  #sliders(known = {}) {
    const chosen = this.#blend.checked ? this.#chosen() : [];
    const kept = Object.fromEntries([...this.#weights.querySelectorAll("input")].map((input) => [input.dataset.id, input.value]));
    this.#weights.replaceChildren(...(chosen.length < 2 ? [] : chosen.map((id) => {
      const value = known[id] ?? kept[id] ?? 1;
      const out = el("output", {}, Number(value).toFixed(1));
      const input = el("input", { type: "range", min: 0.1, max: 2, step: 0.1, value, dataset: { id } });
      input.addEventListener("input", () => { out.textContent = Number(input.value).toFixed(1); });
      input.addEventListener("change", () => this.#tell());
      return el("label.field.slider", {}, el("div", {}, el("span.small", {}, this.name(id)), out), input);
    })));
  }

  #tell() { this.dispatchEvent(new Event("change")); }
}
