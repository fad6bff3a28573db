// States: what a place says that is empty, waits, has failed, or cannot reach the server.
import { button, el, icon } from "./dom.js";
import { line } from "./api.js";
import { sentence } from "./words.js";

const SIGNS = { empty: "picture", loading: "clock", error: "warning", offline: "offline" };

/** Fill a place with one state: `kind` is empty, loading, error or offline; `actions` are buttons. */
export function state(place, kind, { title, text = "", sign = SIGNS[kind], actions = [] }) {
  const block = el("div.state", { dataset: { kind }, role: kind === "error" ? "alert" : "status" },
    icon(sign), el("strong", {}, title), text && el("p", {}, text),
    kind === "loading" && el("progress", { "aria-label": title }),
    actions.length > 0 && el("div.row", {}, ...actions));
  place.replaceChildren(block);
  return block;
}

/** Fill a place with what went wrong, and a Retry that is pressed by itself when the server, or a key for it, is there. */
export function failure(place, error, retry) {
  const again = button("Retry", retry, { sign: "again" });
  const block = error.offline
    ? state(place, "offline", { title: "The server does not answer", text: "It may be starting, or the connection is gone. This goes on by itself when it is back.", actions: [again] })
    : error.status === 401 ? state(place, "error", { title: "This server asks for a key", text: "Enter the one that its owner gave you. It is kept in this browser tab alone, until you close it.", sign: "key", actions: [enterKey(), again] })
    : state(place, "error", { title: error.message || "Something went wrong", text: error.remedy ? sentence(error.remedy) : "", actions: [again] });
  if (error.offline || error.status === 401) line.addEventListener("back", () => block.isConnected && retry(), { once: true });
  return block;
}

/** One line of trouble beside what was typed, which stays; `notice(place, null)` takes it away. */
export function notice(place, error, retry) {
  if (!error) return place.replaceChildren();
  const text = typeof error === "string" ? { message: error } : error;
  place.replaceChildren(el("div.notice.bad", { role: "alert" }, icon("warning"),
    el("p", {}, sentence(text.message), text.remedy && el("span.muted", {}, ` ${sentence(text.remedy)}`)),
    text.status === 401 ? enterKey("small") : retry ? button("Retry", retry, { kind: "small" }) : ""));
}

const enterKey = (kind) => button("Enter the key", () => line.dispatchEvent(new Event("ask")), { kind, sign: "key" });
