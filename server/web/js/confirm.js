// A question before something is taken away for good.
import { button, el } from "./dom.js";

/** Ask, and tell whether it is to be done: `if (await confirm({ title, text, yes: "Forget it" })) …` */
export function confirm({ title, text, yes, no = "Keep it" }) {
  const dialog = el("dialog", { "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" }, el("div", {},
    el("h2", { id: "confirm-title" }, title), el("p.muted", { id: "confirm-text" }, text),
    el("div.row", {}, button(yes, () => dialog.close("yes"), { kind: "primary" }), button(no, () => dialog.close(), { kind: "quiet", autofocus: true }))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); }, { once: true }));
}
