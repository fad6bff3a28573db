// Pictures of the library: taken in, seen newest first, described, deleted.
import { ApiError, getJson, request } from "../api.js";
import { button, el } from "../dom.js";
import { dropping } from "../dropping.js";
import { follow, forget, JobEnded, recall, remember, submit, words } from "../job.js";
import { sure } from "../sure.js";
import { failure, state } from "../states.js";
import { toast } from "../toast.js";
import { list, plural } from "../words.js";
import { Wall } from "../wall.js";
import { Uploads } from "./uploads.js";

const PAGE = 48, JOB = "descriptions";

export class Pictures {
  #parts; #wall; #uploads; #total = 0;

  constructor(parts) {
    this.#parts = parts;
    this.#wall = new Wall(parts.wall, { checked: (ids) => this.#select(ids), removed: () => this.#count(this.#total - 1) });
    this.#uploads = new Uploads(parts.uploads, () => this.load());
    for (const input of [parts.files, parts.folder]) input.addEventListener("change", () => { this.send([...input.files]); input.value = ""; });
    dropping(parts.pictures, (files) => this.send(files), { paste: true });
    parts.more.addEventListener("click", () => this.load(this.#wall.pictures.length));
    parts.unselect.addEventListener("click", () => { for (const input of parts.wall.querySelectorAll(":checked")) input.checked = false; this.#select([]); });
    parts.deleteSelected.addEventListener("click", () => this.#delete());
    parts.describe.addEventListener("click", () => this.#describe());
    if (recall(JOB)) this.#follow(recall(JOB));
  }

  /** Files into the library; of a folder those that may be pictures. */
  send(files) {
    const visible = files.filter((file) => !file.name.startsWith("."));
    if (visible.length) this.#uploads.send(visible, this.#parts.tags.value.trim());
  }

  async load(offset = 0) {
    const { place, more, problems, problemsHead, problemsList } = this.#parts;
    const slow = setTimeout(() => { if (!this.#wall.pictures.length) state(place, "loading", { title: "Opening the library…" }); }, 300);
    try {
      const limit = offset ? PAGE : Math.max(PAGE, this.#wall.pictures.length);
      const found = await getJson(`pictures?offset=${offset}&limit=${limit}`);
      clearTimeout(slow);
      place.replaceChildren();
      if (offset) this.#wall.add(found.pictures); else this.#wall.show(found.pictures);
      this.#count(found.total);
      more.hidden = this.#wall.pictures.length >= found.total;
      problems.hidden = !found.problems.length;
      problemsHead.textContent = `${plural(found.problems.length, "file")} could not be taken in`;
      problemsList.replaceChildren(...found.problems.map((error) => el("li", {}, error.message, error.remedy && el("span.muted", {}, `: ${error.remedy}`))));
    } catch (error) {
      clearTimeout(slow);
      if (!(error instanceof ApiError)) throw error;
      if (this.#wall.pictures.length) toast(error.message, { label: "Retry", run: () => this.load(offset) });
      else failure(place, error, () => this.load());
    }
  }

  #count(total) {
    const { lead, place, describe } = this.#parts;
    this.#total = total;
    describe.disabled = !total;
    lead.textContent = total ? `${plural(total, "picture")}, the newest first.` : "";
    if (!total) state(place, "empty", { title: "No pictures yet", text: "Drop some above, or begin with the sketches that come with Atelier.", actions: [button("Take in the samples", () => this.#samples(), { sign: "plus" })] });
  }

  async #samples() {
    try {
      const { samples } = await getJson("samples");
      this.send(await Promise.all(samples.map(async ({ name, image }) => new File([await (await request(image)).blob()], `${name}.png`, { type: "image/png" }))));
    } catch (error) { toast(error.message); }
  }

  #select(ids) {
    this.#parts.selection.hidden = !ids.length;
    this.#parts.selected.textContent = `${ids.length} selected`;
  }

  async #delete() {
    const ids = this.#wall.selected;
    if (!(await sure(`Delete ${plural(ids.length, "picture")} from the library?`, "Files that were sent here go with them; files of folders stay where they lie."))) return;
    const gone = [];
    try {
      for (const id of ids) { await request(`pictures/${id}`, { method: "DELETE" }); gone.push(id); }
      toast(`${plural(gone.length, "picture")} deleted`);
    } catch (error) {
      toast(`${error.message}. ${plural(gone.length, "picture")} deleted before.`);
    }
    this.#wall.remove(gone);
    this.#count(this.#total - gone.length);
  }

  async #describe() {
    try { this.#follow(await submit("generate_description", { json: {} })); } catch (error) { this.#parts.described.textContent = error.message; }
  }

  async #follow(id) {
    const { describe, described } = this.#parts;
    remember(JOB, id);
    describe.disabled = true;
    try {
      const { result } = await follow(id, (event) => { described.textContent = event.type === "progress" && event.total ? `Describing: ${event.step} of ${event.total}` : words(event); });
      const told = [result.described && `${plural(result.described, "picture")} described by ${result.engine}`, result.failed && `${result.failed} could not be`, result.left && `${result.left} left`].filter(Boolean);
      described.textContent = told.length ? `${list(told)}.` : `Everything is described by ${result.engine} already.`;
      await this.load();
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof JobEnded)) throw error;
      described.textContent = `${error.message} ${error.remedy ?? ""}`;
    } finally {
      forget(JOB);
      describe.disabled = !this.#total;
    }
  }
}
