// Row: one job of the history, kept up with what becomes of it.
import { getBlob } from "../api.js";
import { button, el, icon } from "../dom.js";
import { words } from "../job.js";
import { releaseAll, save, showPath } from "../picture.js";
import { notice } from "../states.js";
import { ago, ended, plural, sentence } from "../words.js";
import { details, exact } from "./details.js";
import { asked, fileName, kindOf, live, outcome, pictures, place, STATES, took } from "./told.js";

export class Row {
  #does; #shows = ""; #shown; #time; #bar; #body; #fold; #trouble;
  job;

  /** `does`: what its buttons do, `{ open, cancel, again, forget }`, each with the row. */
  constructor(job, does) {
    this.#does = does;
    [this.#shown, this.#body, this.#trouble] = [el("div.shown"), el("div.told"), el("div")];
    this.#fold = el("details", { ontoggle: () => this.#unfold() }, el("summary", {}, "Details"), el("div.stack"));
    this.element = el("li.job", { dataset: { job: job.id } }, this.#shown, el("div.job-body", {}, this.#body, this.#trouble, this.#fold));
    this.update(job);
  }

  /** Take in what is known of it now. */
  update(job) {
    const before = this.#shows;
    this.job = job;
    this.#shows = JSON.stringify([job.state, job.attempts, job.cancelling, job.finished, job.error]);
    if (before !== this.#shows) this.#render();
    this.#tick();
  }

  /** Say what went wrong with an action, beside it. */
  trouble(error, retry) { notice(this.#trouble, error, retry); }

  leave() {
    releaseAll(this.element);
    this.element.remove();
  }

  #render() {
    const { job } = this, held = this.#body.contains(document.activeElement);
    this.element.dataset.state = job.state;
    this.#picture();
    this.#time = el("time", { dateTime: job.created, title: exact(job.created) });
    this.#bar = live(job) ? this.#progress() : null;
    const came = outcome(job);
    this.#body.replaceChildren(
      el("p.job-line.small", {}, el("strong", {}, kindOf(job).name), this.#time, took(job) && el("span", {}, took(job)),
        job.attempts > 1 && el("span", {}, plural(job.attempts, "attempt")), stateOf(job)),
      el("h3.job-asked", {}, asked(job)),
      came.length > 0 ? el("p.muted.small", {}, came.join(" · ")) : "", this.#bar ?? "",
      job.error ? failed(job.error) : "",
      el("div.row.job-actions", {}, this.#actions()));
    if (this.#fold.open) this.#unfold();
    if (held) (this.#body.querySelector(".job-actions .button") ?? this.#fold.firstElementChild).focus();
  }

  #picture() {
    const { paths, count, paper } = pictures(this.job), kind = kindOf(this.job);
    releaseAll(this.#shown);
    this.#shown.className = `shown${paths.length > 1 ? " several" : ""}${paper ? " paper" : ""}`;
    this.#shown.replaceChildren(...paths.map((path, at) => showPath(el("img", { alt: paper ? "The sketch" : count > 1 ? `Picture ${at + 1} of ${count}` : "The picture" }), path)),
      icon(kind.sign), count > paths.length ? el("span.rest.small", {}, `+${count - paths.length}`) : "");
    this.#shown.onclick = kind.tab ? () => this.#does.open(this) : null; // the Open button does the same for the keyboard
  }

  #progress() {
    return el("div.bar", {}, el("div", {}, el("span.now")), el("progress", { max: 1, "aria-label": `How far ${kindOf(this.job).name} is` }));
  }

  #actions() {
    const { job } = this, does = this.#does, of = asked(job).slice(0, 60);
    const act = (label, run, more) => button(label, (event) => run(this, event.currentTarget), { kind: "small", "aria-label": `${label}: ${of}`, ...more });
    const files = job.state === "done" ? job.result?.images ?? [] : [];
    return [
      kindOf(job).tab && act("Open", does.open),
      ["failed", "cancelled", "dead"].includes(job.state) && act("Run again", does.again, { sign: "again" }),
      live(job) && act("Cancel", does.cancel, { sign: "stop", disabled: job.cancelling }),
      files.length > 0 && act(files.length > 1 ? `Download ${files.length}` : "Download", () => this.#download(files), { sign: "download" }),
      !live(job) && act("Forget", does.forget, { kind: "small quiet", sign: "trash" }),
    ].filter(Boolean);
  }

  async #download(names) {
    try {
      for (const [index, name] of names.entries()) save(await getBlob(`jobs/${this.job.id}/files/${encodeURIComponent(name)}`), fileName(this.job, index));
      this.trouble(null);
    } catch (error) {
      this.trouble(error, () => this.#download(names));
    }
  }

  /** What moves without being built anew: how long ago, how far. */
  #tick() {
    const { job } = this;
    const when = ago(job.created);
    if (this.#time.textContent !== when) this.#time.textContent = when;
    if (!this.#bar) return;
    const [now, bar] = [this.#bar.querySelector(".now"), this.#bar.querySelector("progress")];
    now.textContent = job.cancelling ? "Cancelling…" : job.state === "queued" ? place(job.position ?? 1) : words({ type: job.progress ? "progress" : "started", ...job.progress });
    bar.hidden = job.state === "queued"; // nothing moves yet
    if (job.state === "running" && job.progress?.done !== undefined) bar.value = job.progress.done;
    else bar.removeAttribute("value");
  }

  #unfold() {
    if (this.#fold.open) this.#fold.lastElementChild.replaceChildren(...details(this.job));
  }
}

function stateOf({ state, cancelling }) {
  const kind = { failed: ".bad", dead: ".bad", cancelled: "" }[state];
  const name = cancelling ? "Cancelling" : STATES[state] ?? state;
  return kind === undefined ? el("span", {}, name) : el(`span.chip${kind}`, {}, name);
}

const failed = ({ message, remedy }) => el("div.notice.bad", {}, icon("warning"),
  el("p", {}, `${message}${ended(message)}`, remedy && el("span.muted", {}, ` ${sentence(remedy)}`)));
