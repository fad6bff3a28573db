// Which engines answer here, and whether they are ready: a word in the header, and all of it in a dialog.
import { getJson, line, url } from "./api.js";
import { el } from "./dom.js";
import { failure } from "./states.js";
import { list, plural } from "./words.js";

const WARMING = 1500, LOOK = 20000; // ms between two looks

let report = null;

/** What /readyz said last; `line` tells "ready" of every new report. */
export const latest = () => report;

export function install() {
  const [pill, dialog, body] = ["engines", "engines-dialog", "engines-body"].map((id) => document.getElementById(id));
  let timer = 0;
  const look = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    report = await read().catch((error) => ({ error }));
    const state = report.ready ? "ready" : report.reason ? "warming" : "broken";
    pill.dataset.state = state;
    pill.firstElementChild.textContent = { ready: report.engine, warming: "Warming up…", broken: trouble(report.error) }[state];
    pill.title = state === "ready" ? `${report.engine} paints, ${report.embeddings} finds` : "";
    if (dialog.open) show();
    line.dispatchEvent(new Event("ready"));
    timer = setTimeout(look, state === "warming" ? WARMING : LOOK);
  };
  const show = () => {
    if (report?.error) return failure(body, report.error, look);
    body.replaceChildren(report?.ready ? facts(report) : el("p.muted", {}, "The server warms up: models are opened, styles are read."));
  };
  pill.addEventListener("click", () => { show(); dialog.showModal(); look(); });
  document.getElementById("engines-close").addEventListener("click", () => dialog.close());
  document.addEventListener("visibilitychange", look);
  line.addEventListener("back", look);
  look();
}

const trouble = (error) => (error?.offline ? "No answer" : error?.status === 401 ? "Needs a key" : "Not ready");

/** `/readyz` says with 503 that it is not ready, which is an answer too. */
async function read() {
  try { return await getJson("readyz"); } catch (error) {
    if (error.status !== 503) throw error;
    return error.type ? { error } : { reason: "warming up" };
  }
}

function facts(report) {
  const embedded = report.engine.startsWith("painter");
  const queues = Object.entries(report.queues).filter(([, queue]) => queue.queued + queue.running);
  return el("div.stack", {},
    el("p.muted", {}, embedded
      ? "The embedded models answer: no download, no graphics card, no key. Pictures are painted by measure, not by a trained network; MODELS=full sets up Stable Diffusion, CLIP and LLaVA."
      : "Full models answer."),
    el("dl.facts", {},
      el("dt", {}, "Paints"), el("dd", {}, report.engine),
      el("dt", {}, "Finds"), el("dd", {}, report.embeddings),
      el("dt", {}, "Styles"), el("dd", {}, plural(report.styles, "style")),
      el("dt", {}, "Works"), el("dd", {}, plural(report.workers.length, "worker")),
      el("dt", {}, "Queue"), el("dd", {}, queues.length ? list(queues.map(([name, queue]) => `${name}: ${queue.running} running, ${queue.queued} waiting`)) : "nothing waits")),
    el("p", {}, el("a", { href: url("docs").href, target: "_blank", rel: "noreferrer" }, "Everything here is also an HTTP API")));
}
