// Sure: a question before something is gone.
import { button, el } from "./dom.js";

/** True where the person wants it: `if (await sure("Delete a.png?", "Its file goes with it.")) …` */
export function sure(question, text, label = "Delete", keep = "Keep") {
  const ask = el("dialog", { "aria-labelledby": "sure-title", "aria-describedby": "sure-text" }, el("div", {},
    el("h2", { id: "sure-title" }, question), el("p.muted", { id: "sure-text" }, text),
    el("div.row", {}, button(label, () => ask.close("yes"), { kind: "primary" }), button(keep, () => ask.close(), { kind: "quiet", autofocus: true }))));
  document.body.append(ask);
  ask.showModal();
  return new Promise((resolve) => ask.addEventListener("close", () => { ask.remove(); resolve(ask.returnValue === "yes"); }, { once: true }));
}
