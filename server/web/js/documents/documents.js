// Documents: a question becomes passages, the passages a prompt that can be changed, and the prompt a picture.
import { ApiError, getJson, line } from "../api.js";
import { button, el, refs } from "../dom.js";
import { Painting, styleChoice } from "../painting.js";
import { failure, notice, state } from "../states.js";
import { tab } from "../storage.js";
import { list } from "../words.js";
import { Papers } from "./papers.js";

export const styles = ["painting"];

const DRAFT = "draft-documents";
let parts, papers, painting;
let asked = null; // the question whose passages are shown
let turn = 0;

export async function mount(panel) {
  parts = refs(panel);
  papers = new Papers(parts, offer);
  painting = new Painting(parts.painting, "documents");
  parts.form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  parts.paintForm.addEventListener("submit", (event) => { event.preventDefault(); paint(); });
  parts.question.value = tab.getItem(DRAFT) ?? "";
  parts.question.addEventListener("input", () => tab.setItem(DRAFT, parts.question.value));
  line.addEventListener("back", () => open());
  await open();
  if (parts.question.value) await ask();
  await painting.resume();
}

/** A job of the history: its question, its passages, its picture. */
export async function receive({ job }) {
  parts.question.value = job.asked.question ?? "";
  if (parts.question.value) await ask();
  if (job.asked.prompt) parts.prompt.value = job.asked.prompt;
  parts.answer.hidden = false;
  parts.place.replaceChildren();
  await painting.again(job.id);
}

async function open() {
  try {
    await Promise.all([papers.load(), styleChoice(parts.style)]);
    if (!asked) welcome();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    failure(parts.place, error, open);
  }
}

function offer(documents) {
  const chosen = parts.document.value;
  const readable = documents.filter((one) => !one.error);
  parts.document.replaceChildren(el("option", { value: "" }, "All documents"), ...readable.map((one) => el("option", { value: one.id }, one.title || one.name)));
  parts.document.value = readable.some((one) => one.id === chosen) ? chosen : "";
}

function welcome() {
  const ideas = ["What does the Taj Mahal look like at dawn?", "A castle like a white bird", "A house over a waterfall"];
  const suggest = papers.list.length === 0 || papers.list.some((one) => one.name === "taj-mahal.md");
  state(parts.place, "empty", {
    sign: "book", title: papers.list.length ? "Ask a question" : "No documents of yours yet",
    text: papers.list.length ? "The passages that answer it are found by what they mean, and become a picture." : "Drop some at the side. Until then, twelve famous buildings that come with Atelier answer the first question.",
    actions: suggest ? ideas.map((idea) => button(idea, () => { parts.question.value = idea; ask(); }, { kind: "small" })) : [],
  });
}

async function ask() {
  const question = parts.question.value.trim();
  notice(parts.trouble, null);
  if (!question) { parts.question.focus(); return notice(parts.trouble, { message: "Ask something first." }); }
  tab.setItem(DRAFT, question);
  const mine = ++turn, json = { question, k: Number(parts.k.value), ...(parts.document.value && { document: parts.document.value }) };
  const slow = setTimeout(() => { parts.answer.hidden = true; state(parts.place, "loading", { title: "Reading…" }); }, 300);
  parts.go.disabled = true;
  try {
    const draft = await getJson("illustrate/prompt", { method: "POST", json });
    if (mine !== turn) return;
    asked = json;
    painting.clear();
    show(draft);
    if (!papers.list.length) await papers.load(); // the first question takes the samples in
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    parts.place.replaceChildren();
    if (error.offline) { parts.answer.hidden = true; failure(parts.place, error, ask); } else notice(parts.trouble, error, ask);
  } finally {
    clearTimeout(slow);
    parts.go.disabled = false;
  }
}

function show(draft) {
  const strong = draft.passages.filter((passage) => !passage.weak);
  parts.place.replaceChildren();
  parts.answer.hidden = false;
  parts.passagesHead.textContent = strong.length ? "What the documents say" : "Nothing in the documents answers this; the nearest passages";
  parts.passages.replaceChildren(...draft.passages.map(passage));
  parts.prompt.value = draft.prompt;
  const why = draft.notes.map((note) => `${note[0].toUpperCase()}${note.slice(1)}.`).join(" ");
  parts.promptBy.textContent = `${draft.prompted_by[0].toUpperCase()}${draft.prompted_by.slice(1)}. ${why} Style for it: ${list(draft.styles.map((style) => style.name))}. Change the words as you like.`;
}

function passage(found) {
  const where = [found.heading.replace(`${found.title} > `, "").replace(found.title, ""), found.page && (found.page_to && found.page_to !== found.page ? `pages ${found.page} to ${found.page_to}` : `page ${found.page}`)].filter(Boolean).join(", ");
  return el(`li${found.weak ? ".weak" : ""}`, {},
    el("div.from", {}, el("span", {}, el("strong", {}, found.title), where && ` ${where}`), el("span.muted.number", {}, found.weak ? "hardly answers it" : `fits ${found.score.toFixed(2)}`)),
    el("blockquote", {}, found.text));
}

async function paint() {
  const prompt = parts.prompt.value.trim();
  notice(parts.paintTrouble, null);
  if (!prompt) { parts.prompt.focus(); return notice(parts.paintTrouble, { message: "There are no words to paint." }); }
  parts.paint.disabled = true;
  await painting.paint("illustrate", { ...asked, prompt, ...(parts.style.value && { style: parts.style.value }) });
  parts.paint.disabled = false;
}
