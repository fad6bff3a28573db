// A picture of the library, large: what is known of it, why it was found, and what can be done with it.
import { ApiError, getBlob, request } from "./api.js";
import { button, el } from "./dom.js";
import { release, save, showPath } from "./picture.js";
import { sure } from "./sure.js";
import { go } from "./tabs.js";
import { toast } from "./toast.js";
import { bytes, list, percent } from "./words.js";

const CHANNELS = { picture: "Looks", description: "Description", words: "Words" };
let dialog, image, side, place, steps, all = [], at = 0, told = {};

/** Open the picture at that place of a list; `removed(id)` is told of one that was deleted. */
export function openLarge(pictures, first, options = {}) {
  [all, at, told] = [[...pictures], first, options];
  if (!dialog) make();
  show();
  if (!dialog.open) dialog.showModal();
}

function make() {
  image = el("img", { alt: "" });
  side = el("div.stack", {});
  place = el("span.muted.small.number", {});
  const step = (by) => { if (all.length > 1) { at = (at + by + all.length) % all.length; show(); } };
  steps = el("div.row", {},
    button("", () => step(-1), { kind: "quiet small square", sign: "left", "aria-label": "Previous" }),
    button("", () => step(1), { kind: "quiet small square", sign: "right", "aria-label": "Next" }));
  const bar = el("div.row.apart", {}, place, el("div.row", {}, steps,
    button("", () => dialog.close(), { kind: "quiet small square", sign: "close", "aria-label": "Close" })));
  dialog = el("dialog.large", { "aria-labelledby": "large-name" },
    el("div.large-in", {}, el("div.stage", {}, image), el("div.side.stack", {}, bar, side)));
  dialog.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea")) return;
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  });
  dialog.addEventListener("close", () => release(image));
  document.body.append(dialog);
}

function show() {
  const picture = all[at];
  showPath(image, picture.image);
  image.alt = picture.description?.caption || picture.caption || picture.name;
  steps.hidden = all.length < 2;
  place.textContent = all.length > 1 ? `${at + 1} of ${all.length}` : "";
  side.replaceChildren(el("h2", { id: "large-name" }, picture.name), ...said(picture), facts(picture), actions(picture));
}

function said(picture) {
  const description = picture.description, blocks = [];
  if (picture.why?.length) {
    blocks.push(el("div.stack.tight", {}, el("h3", {}, `Why it was found, ${percent(picture.confidence)} sure`),
      el("ul.reasons", {}, picture.why.map((reason) => el("li", {}, reason))),
      el("p.small.muted.number", {}, Object.entries(picture.channels).map(([name, hit]) => `${CHANNELS[name] ?? name}: ${hit.place}.`).join("  "))));
  }
  if (description) {
    blocks.push(el("div.stack.tight", {}, el("h3", {}, "What it shows"), el("p", {}, description.caption),
      description.tags?.length > 0 && el("div.row.tags", {}, description.tags.slice(0, 8).map((tag) => el("span.chip", {}, tag))),
      el("p.small.muted", {}, `Described by ${description.engine}`)));
  }
  return blocks;
}

function facts(picture) {
  const rows = [
    ["Size", `${picture.width} × ${picture.height} px, ${bytes(picture.bytes)}`],
    ["Kind", picture.medium],
    ["Colours", list(Object.keys(picture.colours ?? {}))],
    ["Labels", picture.labels?.join(", ")],
    ["Tags", picture.tags?.join(", ")],
    ["Taken", picture.taken ? new Date(picture.taken * 1000).toLocaleDateString("en", { dateStyle: "medium" }) : ""],
    ["File", picture.paths?.[0]],
  ];
  return el("dl.facts", {}, rows.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function actions(picture) {
  const trouble = el("p.notice.bad", { role: "alert", hidden: true });
  const doing = (work) => async () => {
    trouble.hidden = true;
    try { await work(); } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble.textContent = `${error.message}. ${error.remedy}`;
      trouble.hidden = false;
    }
  };
  const leave = (tab, payload) => { dialog.close(); return go(tab, payload); };
  const blob = () => getBlob(picture.image);
  const name = picture.name.replace(/\.\w+$/, "");
  return el("div.stack", {},
    el("div.row", {},
      button("More like this", () => leave("search", { like: picture.id, name: picture.name }), { sign: "search" }),
      button("Use as style", doing(async () => leave("design", { style: await asStyle(await blob(), picture, name) })), { sign: "star" }),
      button("Use as sketch", doing(async () => leave("design", { sketch: await blob(), name })), { sign: "pen" }),
      button("Tell its story", doing(async () => leave("story", { image: await blob(), name })), { sign: "book" }),
      button("Download", doing(async () => save(await blob(), picture.name)), { sign: "download" }),
      button("Delete", doing(() => remove(picture)), { kind: "danger", sign: "trash" })),
    trouble);
}

/** The picture as a style of the style library; its id. */
async function asStyle(blob, picture, name) {
  const form = new FormData();
  form.append("file", blob, picture.name);
  form.append("name", name.slice(0, 60));
  form.append("words", [picture.description?.caption, picture.caption, picture.words, ...(picture.tags ?? []), picture.seen].filter(Boolean).join(". "));
  const style = await (await request("styles", { method: "POST", body: form })).json();
  toast(`${style.name} is a style now`);
  return style.id;
}

async function remove(picture) {
  if (!(await sure(`Delete ${picture.name} from the library?`, picture.source === "upload" ? "Its file goes with it." : "The file itself stays where it lies."))) return;
  await request(`pictures/${picture.id}`, { method: "DELETE" });
  all.splice(at, 1);
  told.removed?.(picture.id);
  toast(`${picture.name} is deleted`);
  if (!all.length) return dialog.close();
  at %= all.length;
  show();
}
