// Papers: the documents of the library, taken in with what became of each, listed, taken out.
import { ApiError, getJson, request } from "../api.js";
import { button, el } from "../dom.js";
import { dropping } from "../dropping.js";
import { follow, forget, JobEnded, recall, remember, submit, words } from "../job.js";
import { sure } from "../sure.js";
import { notice } from "../states.js";
import { toast } from "../toast.js";
import { bytes, plural } from "../words.js";

const JOB = "documents-intake";
const OUTCOMES = { new: "taken in", unchanged: "was there already", changed: "replaced", renamed: "renamed" };

export class Papers {
  #parts; #changed;
  list = [];

  /** `changed(documents)` is told whenever the list is another one. */
  constructor(parts, changed) {
    [this.#parts, this.#changed] = [parts, changed];
    parts.files.addEventListener("change", () => { this.send([...parts.files.files]); parts.files.value = ""; });
    dropping(parts.zone, (files) => this.send(files));
    if (recall(JOB)) this.#follow(recall(JOB));
  }

  async load() {
    this.list = (await getJson("documents")).documents;
    this.#parts.papers.replaceChildren(...this.list.map((paper) => this.#item(paper)));
    this.#changed(this.list);
  }

  #item(paper) {
    const size = paper.error ? paper.error.message : [paper.pages && plural(paper.pages, "page"), plural(paper.chunks, "passage"), bytes(paper.bytes)].filter(Boolean).join(", ");
    return el("li", {},
      el("div", {}, el("div.title", { title: paper.name }, paper.title || paper.name), el(`div.small${paper.error ? ".broken" : ".muted"}`, {}, size)),
      button("", () => this.#remove(paper), { kind: "quiet small square", sign: "trash", "aria-label": `Take ${paper.name} out`, title: "Take it out" }));
  }

  async send(files) {
    if (!files.length) return;
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    this.#say(el("span", { role: "status" }, `Reading ${plural(files.length, "document")}…`), el("progress", { "aria-label": "Reading documents" }));
    try { await this.#follow(await submit("documents", { body: form })); } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notice(this.#parts.intake, error, () => this.send(files));
    }
  }

  async #follow(id) {
    remember(JOB, id);
    const status = el("span", { role: "status" }, "Reading documents…"), bar = el("progress", { max: 1, "aria-label": "Reading documents" });
    this.#say(status, bar);
    try {
      const { result } = await follow(id, (event) => { status.textContent = words(event); if (event.done !== undefined) bar.value = event.done; });
      this.#report(result.results);
      await this.load();
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof JobEnded)) throw error;
      notice(this.#parts.intake, error);
    } finally {
      forget(JOB);
    }
  }

  #report(results) {
    const failed = results.filter((result) => result.error);
    this.#say(
      el("div.row.apart", {}, el("span", { role: "status" }, `${plural(results.length - failed.length, "document")} taken in${failed.length ? `, ${failed.length} not` : ""}`),
        button("Close", () => this.#parts.intake.replaceChildren(), { kind: "quiet small" })),
      el("ul", {}, [...failed, ...results.filter((result) => !result.error)].map((result) => el(result.error ? "li.failed" : "li", {}, result.error
        ? `${result.error.message}${result.error.remedy ? `: ${result.error.remedy}` : ""}`
        : `${result.path}: ${OUTCOMES[result.outcome] ?? result.outcome}`))));
  }

  #say(...parts) { this.#parts.intake.replaceChildren(el("div.intake.card", {}, parts)); }

  async #remove(paper) {
    if (!(await sure(`Take ${paper.title || paper.name} out of the library?`, "Its passages are found no more.", "Take it out"))) return;
    try { await request(`documents/${paper.id}`, { method: "DELETE" }); } catch (error) { return toast(error.message); }
    await this.load();
  }
}
