// Memories: the stories and pictures that were made before; opened in place, and forgotten one by one.
import { ApiError, getBlob, getJson, request } from "../api.js";
import { button, el } from "../dom.js";
import { sure } from "../sure.js";
import { release, releaseAll, showPath } from "../picture.js";
import { failure, state } from "../states.js";
import { go } from "../tabs.js";
import { toast } from "../toast.js";
import { ago } from "../words.js";

const PAGE = 12;

export class Memories {
  #parts; #shown = 0;

  constructor(parts) {
    this.#parts = parts;
    parts.moreMemories.addEventListener("click", () => this.load(this.#shown));
  }

  async load(offset = 0) {
    const { memories, memoriesPlace, moreMemories } = this.#parts;
    try {
      const found = await getJson(`memories?offset=${offset}&limit=${PAGE}`);
      memoriesPlace.replaceChildren();
      if (!offset) { releaseAll(memories); memories.replaceChildren(); this.#shown = 0; }
      memories.append(...found.memories.map((memory) => el("li", {}, card(memory, () => this.open(memory.id)))));
      this.#shown += found.memories.length;
      moreMemories.hidden = this.#shown >= found.total;
      if (!found.total) state(memoriesPlace, "empty", { sign: "book", title: "Nothing was told yet", text: "Stories and pictures that are made here are remembered, and later ones may take them up." });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure(memoriesPlace, error, () => this.load(offset));
    }
  }

  /** Load once what a job made is remembered, which is soon after the job has ended. */
  async after(id) {
    for (let tries = 0; tries < 8; tries++) {
      if (await getJson(`memories/${id}`).then(() => true, () => false)) break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await this.load();
  }

  /** One of them, whole. */
  async open(id) {
    let memory;
    try { memory = await getJson(`memories/${id}`); } catch (error) { return toast(error.message); }
    const image = showPath(el("img", { alt: memory.caption }), memory.image);
    const dialog = el("dialog.remembered-one", { "aria-label": memory.title || memory.caption });
    const leave = async (tab, make) => { try { const payload = await make(); dialog.close(); go(tab, payload); } catch (error) { toast(error.message); } };
    dialog.append(el("div", {},
      el("div.row.apart", {}, el("span.small.muted", {}, `${memory.kind === "story" ? "Story" : "Picture"} by ${memory.engine}, ${ago(new Date(memory.created * 1000).toISOString())}`),
        button("", () => dialog.close(), { kind: "quiet small square", sign: "close", "aria-label": "Close" })),
      image, el("article.reading", {}, el("h3", {}, memory.title || memory.caption), paragraphs(memory.story)),
      el("div.row", {},
        button("Use its picture", () => leave("story", async () => ({ image: await getBlob(memory.image), name: memory.title })), { sign: "picture" }),
        button("Use its story", () => leave("story", () => ({ story: memory.story })), { sign: "book" }),
        button("Forget it", async () => { if (await this.#forget(memory)) dialog.close(); }, { kind: "danger", sign: "trash" }))));
    dialog.addEventListener("close", () => { release(image); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  }

  async #forget(memory) {
    if (!(await sure(`Forget ${memory.title || "this picture"}?`, "Later stories will not take it up.", "Forget it"))) return false;
    try { await request(`memories/${memory.id}`, { method: "DELETE" }); } catch (error) { toast(error.message); return false; }
    await this.load();
    return true;
  }
}

/** A memory as a card; of one that was recalled with its score. */
export function card(memory, open) {
  return el("button.memory", { type: "button", onclick: open },
    showPath(el("img", { alt: "" }), `memories/${memory.id}/image?size=192`),
    el("span", {}, el("strong", {}, memory.title || memory.caption || "A picture"),
      el("span.small.muted", {}, memory.score !== undefined ? `near by ${memory.score.toFixed(2)}` : `${memory.kind === "story" ? "Story" : "Picture"}, ${ago(new Date(memory.created * 1000).toISOString())}`)));
}

/** A story as paragraphs. */
export const paragraphs = (story) => story.split(/\n{2,}/).filter(Boolean).map((text) => el("p", {}, text));
