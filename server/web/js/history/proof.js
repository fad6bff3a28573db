// Proof: a picture that was made here is made again from its own recipe and compared.
import { button, el, icon } from "../dom.js";
import { follow, submit, words } from "../job.js";
import { notice } from "../states.js";
import { verdict } from "./told.js";

/** Prove a PNG and say in `place` what came of it; `name` is what it is called. */
export async function prove(blob, name, place) {
  const now = el("span", {}, "Sending…");
  place.replaceChildren(el("div.bar", { role: "status" }, el("div", {}, now), el("progress", { "aria-label": `Making ${name} again` })));
  const body = new FormData();
  body.append("file", blob, name);
  try {
    const job = await follow(await submit("replay", { body }), (event) => { now.textContent = words(event); });
    place.replaceChildren(said(name, verdict(job.result), () => place.replaceChildren()));
  } catch (error) {
    notice(place, error, () => prove(blob, name, place));
  }
}

function said(name, { good, title, text, why }, close) {
  return el(`div.notice${good ? "" : ".warn"}.proof`, { role: "status" }, icon(good ? "check" : "compare"),
    el("div", {}, el("p", {}, el("strong", {}, title), ` · ${name}. ${text}`), why.length > 0 && el("ul", {}, why.map((one) => el("li", {}, one)))),
    button("", close, { kind: "quiet small square", sign: "close", "aria-label": "Close" }));
}
