// Memories: the stories and pictures that were made before; opened in place, and forgotten one by one.
import { ApiError, getBlob, getJson, request } from "../api.js";
import { button, el } from "../dom.js";
import { sure } from "../sure.js";
import { release, releaseAll, showPath } from "../picture.js";
import { failure } from "../states.js";
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
    const { memories, memoriesHead, memoriesPlace, moreMemories } = this.#parts;
    moreMemories.disabled = true;
    try {
      const found = await getJson(`memories?offset=${offset}&limit=${PAGE}`);
      memoriesPlace.replaceChildren();
      if (!offset) { releaseAll(memories); memories.replaceChildren(); this.#shown = 0; }
      memories.append(...found.memories.map((memory) => el("li", {}, kept(memory, () => this.open(memory.id)))));
      this.#shown += found.memories.length;
      moreMemories.hidden = this.#shown >= found.total;
      memoriesHead.hidden = !found.total;
      if (!found.total) memoriesPlace.replaceChildren(el("p.muted", {}, "Stories and pictures that are made here are remembered: they will stand here, and later ones may take them up."));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure(memoriesPlace, error, () => this.load(offset));
    } finally {
      moreMemories.disabled = false;
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
    const image = showPath(el("img", { alt: memory.caption }), memory.image), name = nameOf(memory);
    const dialog = el("dialog.remembered-one", { "aria-label": name });
    const leave = async (event, make) => {
      const pressed = event.currentTarget;
      pressed.disabled = true;
      try { const payload = await make(); dialog.close(); go("story", payload); } catch (error) { toast(error.message); } finally { pressed.disabled = false; }
    };
    dialog.append(el("div", {},
      el("div.row.apart", {}, el("span.small.muted", {}, `${kindOf(memory)} by ${memory.engine}, ${when(memory)}`),
        button("", () => dialog.close(), { kind: "quiet small square", sign: "close", "aria-label": "Close" })),
      el("figure", {}, image), el("article.reading", {}, el("h3", {}, name), paragraphs(memory.story)),
      el("div.row.does", {},
        button("Tell another of its picture", (event) => leave(event, async () => ({ image: await getBlob(memory.image), name: memory.title })), { sign: "book" }),
        button("Paint its story", (event) => leave(event, async () => ({ story: memory.story })), { sign: "picture" }),
        button("Forget it", async () => { if (await this.#forget(memory)) dialog.close(); }, { kind: "danger", sign: "trash" }))));
    dialog.addEventListener("close", () => { release(image); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  }

  async #forget(memory) {
    if (!(await sure(`Forget ${memory.title ? `“${memory.title}”` : "this picture"}?`, "Later stories will not take it up.", "Forget it"))) return false;
    try { await request(`memories/${memory.id}`, { method: "DELETE" }); } catch (error) { toast(error.message); return false; }
    await this.load();
    return true;
  }
}

const kindOf = (memory) => (memory.kind === "story" ? "Story" : "Picture");
const nameOf = (memory) => memory.title || (memory.kind === "story" ? "A story without a title" : "A picture of a story");
const when = (memory) => ago(new Date(memory.created * 1000).toISOString());

/** One that was recalled, small, with how near it is. */
export function card(memory, open) {
  return el("button.memory", { type: "button", onclick: open },
    picture(memory, 192), el("span", {}, el("strong", {}, nameOf(memory)), el("span.small.muted", {}, `${kindOf(memory)}, near by ${memory.score.toFixed(2)}`)));
}

/** One on the shelf. */
function kept(memory, open) {
  return el("button.kept", { type: "button", onclick: open },
    picture(memory, 384), el("span", {}, el("strong", {}, memory.title || (memory.story.length > 60 ? `“${memory.story.slice(0, 60).replace(/\s+\S*$/, "")}…”` : `“${memory.story}”`)),
      el("span.small.muted", {}, `${kindOf(memory)}, ${when(memory)}`)));
}

const picture = (memory, size) => el("span.held", {}, showPath(el("img", { alt: "" }), `memories/${memory.id}/image?size=${size}`));

/** A story as paragraphs. */
export const paragraphs = (story) => story.split(/\n{2,}/).filter(Boolean).map((text) => el("p", {}, text));
