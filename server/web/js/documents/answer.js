// Answer: the passages that were found, and the words that will be painted, which can be changed and put back.
import { el } from "../dom.js";
import { notice } from "../states.js";
import { tab } from "../storage.js";
import { list, plural, sentence } from "../words.js";

const CHANGED = "draft-documents-prompt";
const LONG = 320; // letters, about six lines

export class Answer {
  #parts; #question = ""; #drafted = "";

  constructor(parts) {
    this.#parts = parts;
    parts.prompt.addEventListener("input", () => { notice(parts.paintTrouble, null); this.#changed(); });
    parts.asDrafted.addEventListener("click", () => { this.prompt = this.#drafted; parts.prompt.focus(); });
  }

  /** What the server drafted of a question, or painted of it. */
  show({ question, passages, prompt, prompted_by: by, notes, styles }) {
    const { answer, passagesHead, passagesWhy, passages: place, promptBy, paintTrouble } = this.#parts;
    const strong = passages.filter((found) => !found.weak).length;
    passagesHead.textContent = strong ? plural(strong, "passage answers it", "passages answer it") : "Nothing in the documents answers this";
    passagesWhy.textContent = strong ? "" : passages.length ? "These come nearest, and take no part in the picture." : "Ask in other words, or add documents that tell of it.";
    place.replaceChildren(...passages.map(passage));
    this.#question = question;
    this.#drafted = prompt;
    const kept = JSON.parse(tab.getItem(CHANGED) ?? "null");
    this.prompt = kept?.question === question ? kept.prompt : prompt;
    promptBy.textContent = [by === "given" ? "Your own words." : sentence(by), ...notes.map(sentence), `${list(styles.map((style) => style.name))} fits it. Change the words as you like.`].join(" ");
    notice(paintTrouble, null);
    this.painted(null);
    answer.hidden = false;
  }

  set prompt(words) {
    this.#parts.prompt.value = words;
    this.#changed();
  }

  /** What the picture that is shown was painted from, whatever the words are by now. */
  painted(result) {
    this.#parts.painted.hidden = !result;
    this.#parts.painted.textContent = result ? `Painted from “${result.prompt}”` : "";
  }

  #changed() {
    const words = this.#parts.prompt.value, changed = words !== this.#drafted;
    this.#parts.asDrafted.hidden = !changed;
    if (changed) tab.setItem(CHANGED, JSON.stringify({ question: this.#question, prompt: words }));
    else tab.removeItem(CHANGED);
  }
}

function passage(found) {
  const pages = found.page && (found.page_to && found.page_to !== found.page ? `pages ${found.page} to ${found.page_to}` : `page ${found.page}`);
  const where = [found.heading.replace(`${found.title} > `, "").replace(found.title, ""), pages].filter(Boolean).join(", ");
  return el(`li${found.weak ? ".weak" : ""}`, {},
    el("div.from", {}, el("span", {}, el("strong", {}, found.title), where && ` ${where}`), el("span.muted.number", {}, `${found.weak ? "hardly fits" : "fits"}, ${found.score.toFixed(2)}`)),
    ...whole(el("blockquote", {}, found.text)));
}

/** A long passage is folded, and read whole by a press. */
function whole(quote) {
  if (quote.textContent.length < LONG) return [quote];
  quote.className = "folded";
  const unfold = el("button.unfold", { type: "button", "aria-expanded": "false" }, "Read it whole");
  unfold.addEventListener("click", () => {
    const folded = quote.classList.toggle("folded");
    unfold.ariaExpanded = String(!folded);
    unfold.textContent = folded ? "Read it whole" : "Fold it";
  });
  return [quote, unfold];
}
