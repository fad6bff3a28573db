// Library: pictures and styles, and how more come in.
import { line } from "../api.js";
import { refs } from "../dom.js";
import { Pictures } from "./pictures.js";
import { Shelf } from "./shelf.js";

export const styles = ["wall"];

let parts, pictures, shelf;

export async function mount(panel) {
  parts = refs(panel);
  pictures = new Pictures(parts);
  shelf = new Shelf(parts);
  parts.seePictures.addEventListener("click", () => see("pictures"));
  parts.seeStyles.addEventListener("click", () => see("styles"));
  line.addEventListener("back", load);
}

export function show() { load(); }

/** Files of other tabs. */
export function receive({ files }) {
  see("pictures");
  pictures.send(files);
}

const load = () => (parts.pictures.hidden ? shelf.load() : pictures.load());

function see(name) {
  parts.pictures.hidden = name !== "pictures";
  parts.styles.hidden = name !== "styles";
  parts.seePictures.setAttribute("aria-pressed", name === "pictures");
  parts.seeStyles.setAttribute("aria-pressed", name === "styles");
  load();
}
