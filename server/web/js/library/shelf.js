// The shelf of styles: those that came with Atelier, and those that were added; more are added here.
import { ApiError, getJson, request } from "../api.js";
import { button, el } from "../dom.js";
import { dropping } from "../dropping.js";
import { sure } from "../sure.js";
import { release, releaseAll, showBlob, showPath } from "../picture.js";
import { failure, notice } from "../states.js";
import { go } from "../tabs.js";
import { toast } from "../toast.js";
import { plural } from "../words.js";

export class Shelf {
  #parts; #file = null;
  count = 0;

  constructor(parts) {
    this.#parts = parts;
    parts.styleFile.addEventListener("change", () => { this.#take(parts.styleFile.files[0]); parts.styleFile.value = ""; });
    dropping(parts.styles, ([file]) => this.#take(file), { paste: true });
    parts.styleForm.addEventListener("submit", (event) => { event.preventDefault(); this.#add(); });
  }

  async load() {
    const { stylesPlace, stylesList } = this.#parts;
    try {
      const { styles, problems } = await getJson("styles");
      releaseAll(stylesList);
      stylesList.replaceChildren(...[...styles].reverse().sort((a, b) => a.shipped - b.shipped).map((style) => this.#item(style)));
      stylesPlace.replaceChildren(...Object.values(problems).map((error) => el("p.notice.warn", {}, `${error.message}: ${error.remedy}`)));
      this.count = styles.length;
      this.#parts.lead.textContent = `${plural(styles.length, "style")}, found by the words that you write.`;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure(stylesPlace, error, () => this.load());
    }
  }

  #item(style) {
    return el("li", {}, showPath(el("img", { alt: "" }), `${style.image}?size=640`),
      el("div.row.apart", {}, el("h3", {}, style.name), el("span.chip", {}, style.shipped ? "Came with Atelier" : "Added")),
      el("p", { title: style.words }, style.words || "No words: only its name finds it."), el("span.small.muted", {}, `Licence: ${style.licence}`),
      el("div.row", {}, button("Use it", () => go("design", { style: style.id }), { kind: "small" }),
        !style.shipped && button("Delete", () => this.#remove(style), { kind: "small danger" })));
  }

  #take(file) {
    const { styleImage, styleHint, styleForm } = this.#parts;
    this.#file = file ?? null;
    styleHint.hidden = Boolean(file);
    if (!file) { release(styleImage); styleImage.hidden = true; return; }
    this.#parts.adding.open = true;
    showBlob(styleImage, file);
    styleImage.alt = file.name;
    if (!styleForm.elements.name.value) styleForm.elements.name.value = file.name.replace(/\.\w+$/, "").replaceAll(/[-_]+/g, " ");
    notice(this.#parts.styleTrouble, null);
  }

  async #add() {
    const { styleForm, styleTrouble, styleAdd } = this.#parts, { name, words, licence } = styleForm.elements;
    if (!this.#file) return notice(styleTrouble, { message: "A style is a picture: choose one first." });
    if (!name.value.trim()) { name.focus(); return notice(styleTrouble, { message: "Give it a name." }); }
    const form = new FormData();
    form.append("file", this.#file, this.#file.name);
    for (const field of [name, words, licence]) form.append(field.name, field.value.trim());
    styleAdd.disabled = true;
    try {
      const style = await (await request("styles", { method: "POST", body: form })).json();
      toast(`${style.name} is a style now`, { label: "Use it", run: () => go("design", { style: style.id }) });
      styleForm.reset();
      this.#take(null);
      this.#parts.adding.open = false;
      notice(styleTrouble, null);
      await this.load();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notice(styleTrouble, error, () => this.#add());
    } finally {
      styleAdd.disabled = false;
    }
  }

  async #remove(style) {
    if (!(await sure(`Delete the style ${style.name}?`, "Pictures that were painted in it stay."))) return;
    try { await request(`styles/${encodeURIComponent(style.id)}`, { method: "DELETE" }); toast(`${style.name} is deleted`); } catch (error) { toast(error.message); }
    await this.load();
  }
}
