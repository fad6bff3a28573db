// Search: pictures of the library by words, by a picture, or by both; with how sure each hit is, and why.
import { getJson } from "../api.js";
import { button, el, icon, refs } from "../dom.js";
import { dropping } from "../dropping.js";
import { release, releaseAll, showBlob, showPath } from "../picture.js";
import { failure, notice, state } from "../states.js";
import { go } from "../tabs.js";
import { plural } from "../words.js";
import { Wall } from "../wall.js";
import { asForm, conditions, keep, read, restore } from "./query.js";

export const styles = ["wall"];

const PAGE = 24;
const COLOURS = ["black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"];

let parts, wall;
let image = null; // a picture that is looked for
let like = null; // one of the library that is looked for: { id, name }
let shown = 0; // hits asked for so far
let turn = 0; // of searches; a late answer to an earlier one is dropped

export async function mount(panel) {
  parts = refs(panel);
  wall = new Wall(parts.wall, { removed: () => {} });
  parts.swatches.append(...COLOURS.map((colour) => el(`label.swatch.swatch-${colour}`, { title: colour }, el("input", { type: "checkbox", name: "colour", value: colour, "aria-label": colour }))));
  parts.form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
  parts.filters.addEventListener("change", () => { mark(); if (asked()) search(); });
  parts.toggle.addEventListener("click", () => fold(parts.filters.hidden));
  parts.file.addEventListener("change", () => { give(parts.file.files[0]); parts.file.value = ""; });
  parts.givenOff.addEventListener("click", () => { take(null, null); parts.text.focus(); if (asked()) search(); else welcome(); });
  parts.more.addEventListener("click", () => search(shown));
  dropping(panel, ([file]) => give(file), { paste: true });
  take(null, restore(parts.form));
  mark();
  if (asked()) await search(); else await welcome();
}

export function show() { if (!asked() && !wall.pictures.length) welcome(); }

/** From other tabs: `{ like, name }` a picture of the library, or `{ image }` any other. */
export function receive({ like: id, name, image: blob, text }) {
  parts.form.reset();
  if (text) parts.text.value = text;
  take(blob ?? null, id ? { id, name } : null);
  mark();
  search();
}

const asked = () => Boolean(parts.text.value.trim() || image || like);

function fold(open) {
  parts.filters.hidden = !open;
  parts.toggle.setAttribute("aria-expanded", open);
}

function give(file) {
  if (!file) return;
  take(file, null);
  search();
}

/** Look for a picture, or for one of the library; null for neither. */
function take(blob, known) {
  [image, like] = [blob, known];
  release(parts.givenImage);
  parts.given.hidden = !blob && !known;
  if (blob) showBlob(parts.givenImage, blob);
  if (known) showPath(parts.givenImage, `pictures/${known.id}/thumbnail?size=128`);
  parts.givenImage.alt = known ? `Like ${known.name ?? "this picture"}` : "Like the picture that you gave";
}

/** The conditions as chips that can be taken off. */
function mark() {
  parts.set.replaceChildren(...conditions(parts.form).map(({ words, off }) => el("button.chip", { type: "button", title: "Take it off", onclick: () => { off(); mark(); if (asked()) search(); } }, words, icon("close"))));
}

async function welcome() {
  clear();
  const mine = ++turn;
  try {
    const { total, pictures } = await getJson(`pictures?limit=${PAGE}`);
    if (mine !== turn) return;
    if (!total) {
      return void state(parts.place, "empty", { title: "No pictures to search yet", text: "Take some into the library: drop files or a whole folder there. They stay on this server.", actions: [button("Open the library", () => go("library"), { kind: "primary" })] });
    }
    parts.summary.textContent = `${plural(total, "picture")} in the library; the latest:`;
    wall.show(pictures);
  } catch (error) {
    if (mine === turn) failure(parts.place, error, welcome);
  }
}

function clear() {
  for (const part of ["summary", "place"]) { releaseAll(parts[part]); parts[part].replaceChildren(); }
  wall.show([]);
  parts.more.hidden = true;
}

async function search(offset = 0) {
  notice(parts.trouble, null);
  mark();
  if (!asked()) {
    parts.text.focus();
    return notice(parts.trouble, { message: "Say what you look for, or give a picture that it is like." });
  }
  keep(parts.form, like);
  const mine = ++turn, query = { ...read(parts.form), k: PAGE, offset };
  if (like) query.like = like.id;
  if (!offset) clear();
  const slow = setTimeout(() => state(parts.place, "loading", { title: "Searching…" }), 250);
  parts.more.disabled = true;
  try {
    const found = await getJson("search", { method: "POST", ...(image ? { body: asForm(query, image) } : { json: query }) });
    if (mine === turn) tell(found, offset);
  } catch (error) {
    if (mine !== turn) return;
    parts.place.replaceChildren();
    if (error.type === "no_pictures") return welcome();
    if (error.type === "unknown_picture") { take(null, null); return welcome(); }
    if (error.status === 0 || error.status >= 500) failure(parts.place, error, () => search(offset));
    else notice(parts.trouble, error, () => search(offset));
  } finally {
    clearTimeout(slow);
    parts.more.disabled = false;
  }
}

function tell(found, offset) {
  parts.place.replaceChildren();
  const { hits, closest, no_good_match: none, total, notes, engine } = found;
  const remarks = [...notes.map((note) => `${note[0].toUpperCase()}${note.slice(1)}.`), `Found by ${engine}.`];
  if (none) {
    state(parts.place, "empty", { sign: "search", title: "No good match", text: `Nothing among ${plural(total, "picture")} stands out for this. Try other words, or fewer conditions.` });
    if (closest.length) parts.place.append(el("h3.closest", {}, "What comes closest"));
    wall.show(closest);
    parts.summary.textContent = remarks.join(" ");
    return;
  }
  if (offset) wall.add(hits); else wall.show(hits);
  shown = offset + hits.length;
  parts.more.hidden = hits.length < PAGE;
  parts.summary.textContent = `${plural(shown, "hit")} among ${plural(total, "picture")}. ${remarks.join(" ")}`;
}
