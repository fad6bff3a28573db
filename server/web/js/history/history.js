// History
import { refs } from "../dom.js";
import { state } from "../states.js";

export async function mount(panel) {
  const { place } = refs(panel);
  state(place, "empty", { title: "Nothing here yet" });
}
