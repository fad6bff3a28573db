// Papers: the documents of the library, taken in with what became of each, listed, taken out.
import { ApiError, getJson, request } from "../api.js";
import { batches } from "../batches.js";
import { button, el } from "../dom.js";
import { dropping } from "../dropping.js";
import { follow, forget, JobEnded, recall, remember, submit } from "../job.js";
import { notice } from "../states.js";
import { sure } from "../sure.js";
import { busy } from "../tabs.js";
import { toast } from "../toast.js";
import { bytes, plural, sentence } from "../words.js";
import { Intake } from "./intake.js";

const JOB = "documents-intake";

export class Papers {
  #parts; #changed; #intake; #queue = Promise.resolve();
  list = [];

  /** `changed(documents)` is told whenever the list is another one. */
  constructor(panel, parts, changed) {
    [this.#parts, this.#changed] = [parts, changed];
    this.#intake = new Intake(parts.intake);
    parts.files.addEventListener("change", () => { this.send([...parts.files.files]); parts.files.value = ""; });
    parts.samplesOut.addEventListener("click", () => this.#removeSamples());
    dropping(panel, (files) => this.send(files));
    if (recall(JOB)) this.#queue = this.#all([], recall(JOB));
  }

  async load() {
    this.list = (await getJson("documents")).documents;
    const { papers, count, samples } = this.#parts, shipped = this.list.filter((paper) => paper.sample).length;
    papers.replaceChildren(...this.list.map((paper) => this.#item(paper)));
    count.hidden = !this.list.length;
    count.textContent = `${plural(this.list.length, "document")}, ${plural(this.list.reduce((sum, paper) => sum + paper.chunks, 0), "passage")}`;
    samples.hidden = !shipped;
    samples.firstElementChild.textContent = `${plural(shipped, "sample comes", "samples come")} with Atelier`;
    this.#changed(this.list);
  }

  #item(paper) {
    const size = [paper.sample && "Sample", paper.pages && plural(paper.pages, "page"), plural(paper.chunks, "passage"), bytes(paper.bytes)].filter(Boolean).join(", ");
    return el("li", {},
      el("div", {}, el("div.title", { title: paper.name }, paper.title || paper.name),
        paper.error ? el("div.small.broken", {}, sentence(paper.error.message), paper.error.remedy && el("span.muted", {}, ` ${sentence(paper.error.remedy)}`)) : el("div.small.muted", {}, size)),
      button("", () => this.#remove(paper), { kind: "quiet small square", sign: "trash", "aria-label": `Take ${paper.name} out`, title: "Take it out" }));
  }

  /** Send files, after those that are on their way. */
  send(files) {
    if (!files.length) return this.#queue;
    return this.#queue = this.#queue.then(() => this.#all(batches(files)));
  }

  /** Lots of files one after the other; or first the job of before the page was loaded anew. */
  async #all(lots, id = null) {
    const results = [], files = lots.flat().length;
    busy("documents", true, "intake");
    notice(this.#parts.intakeTrouble, null);
    try {
      this.#intake.begin(files);
      if (id) results.push(...await this.#follow(id));
      while (lots.length) {
        const form = new FormData();
        for (const file of lots[0]) form.append("files", file, file.name);
        results.push(...await this.#follow(await submit("documents", { body: form }), results.length, files));
        lots.shift();
      }
      this.#intake.report(results);
    } catch (error) {
      this.#intake.report(results);
      if (error.state === "cancelled") toast("Cancelled. What was taken in by then stays.");
      else if (!(error instanceof ApiError) && !(error instanceof JobEnded)) throw error;
      else if (!(id && error.status === 404)) notice(this.#parts.intakeTrouble, error, lots.length ? () => this.send(lots.flat()) : undefined);
    } finally {
      forget(JOB);
      busy("documents", false, "intake");
    }
    await this.load().catch(() => {}); // the tab tells of a server that is away
  }

  async #follow(id, before = 0, all = 0) {
    remember(JOB, id);
    this.#intake.job = id;
    const { result } = await follow(id, (event) => this.#intake.tell(event, before, all));
    return result.results;
  }

  async #remove(paper) {
    if (!(await sure(`Take ${paper.title || paper.name} out of the library?`, "Its passages are found no more.", "Take it out"))) return;
    await this.#out([paper]);
  }

  async #removeSamples() {
    if (!(await sure("Take the samples out of the library?", "They stay out, also while there is no document of yours.", "Take them out"))) return;
    await this.#out(this.list.filter((paper) => paper.sample));
  }

  async #out(papers) {
    this.#parts.samplesOut.disabled = true;
    try {
      for (const paper of papers) await request(`documents/${paper.id}`, { method: "DELETE" });
      await this.load();
    } catch (error) { toast(error.message); } finally { this.#parts.samplesOut.disabled = false; }
  }
}
