// Intake: documents on their way into the library, and what became of each.
import { button, el } from "../dom.js";
import { stopFrom, words } from "../job.js";
import { plural, sentence } from "../words.js";

const OUTCOMES = { new: "taken in", unchanged: "was there already", changed: "replaced the one of that name", renamed: "was there already under another name" };

export class Intake {
  #place; #status; #bar; #stop;
  job = ""; // that reads now

  constructor(place) { this.#place = place; }

  /** `count` files are on their way, as far as that is known. */
  begin(count) {
    this.#status = el("span", { role: "status" }, count ? `Sending ${plural(count, "document")}…` : "Reading documents…");
    this.#bar = el("progress", { max: 1, "aria-label": "Reading documents" });
    this.#stop = button("Cancel", () => stopFrom(this.#stop, this.job), { kind: "small" });
    this.#say(el("div.row.apart", {}, this.#status, this.#stop), this.#bar);
  }

  /** An event of the job; `before` files were read by jobs before it, of `all`. */
  tell(event, before, all) {
    const read = before + (event.step ?? 0), of = all || event.total;
    this.#status.textContent = event.type === "progress" && of ? `Read ${read} of ${of}` : words(event);
    if (event.type === "progress" && of) this.#bar.value = read / of;
  }

  report(results) {
    if (!results.length) return void this.#place.replaceChildren();
    const failed = results.filter((result) => result.error), fine = results.filter((result) => !result.error);
    const head = [fine.length && `${plural(fine.length, "document")} taken in`, failed.length && (fine.length ? `${failed.length} not` : `${plural(failed.length, "document")} not taken in`)].filter(Boolean).join(", ");
    this.#say(
      el("div.row.apart", {}, el("strong", { role: "status" }, head), button("Close", () => this.#place.replaceChildren(), { kind: "quiet small" })),
      el("ul", { tabIndex: 0, "aria-label": "What became of each document" },
        failed.map(({ error }) => el("li.failed", {}, sentence(error.message), error.remedy && el("span.muted", {}, ` ${sentence(error.remedy)}`))),
        fine.map((result) => el("li", {}, result.path, el("span.muted", {}, ` ${OUTCOMES[result.outcome] ?? result.outcome}`)))));
  }

  #say(...parts) { this.#place.replaceChildren(el("div.intake.card", {}, parts)); }
}
