// Documents: a question becomes passages, the passages a prompt that can be changed, and the prompt a picture.
import { ApiError, getJson, line } from "../api.js";
import { button, refs } from "../dom.js";
import { recall } from "../job.js";
import { Painting, styleChoice } from "../painting.js";
import { failure, notice, state } from "../states.js";
import { tab } from "../storage.js";
import { Answer } from "./answer.js";
import { Papers } from "./papers.js";

export const styles = ["painting"];

const DRAFT = "draft-documents";
const IDEAS = ["What does the Taj Mahal look like at dawn?", "A castle like a white bird", "A house over a waterfall"];
let parts, papers, painting, answer;
let asked = null; // the question whose passages are shown
let turn = 0;
let opened = false;

export async function mount(panel) {
  parts = refs(panel);
  papers = new Papers(panel, parts, offer);
  answer = new Answer(parts);
  painting = new Painting(parts.painting, "documents", ({ result }) => answer.painted(result), parts.paint);
  parts.form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  parts.paintForm.addEventListener("submit", (event) => { event.preventDefault(); paint(); });
  parts.question.value = tab.getItem(DRAFT) ?? "";
  parts.question.addEventListener("input", () => { tab.setItem(DRAFT, parts.question.value); notice(parts.trouble, null); primary(); });
  line.addEventListener("back", () => open());
  await open();
}

/** A job of the history: its question, its passages, its picture; one that took documents in is their list. */
export async function receive({ job }) {
  if (job.kind !== "illustrate") return;
  parts.question.value = job.asked.question ?? "";
  await reopen(job);
}

async function open() {
  try {
    await Promise.all([papers.load(), styleChoice(parts.style)]);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!asked) failure(parts.place, error, open);
    return;
  }
  if (!asked && !turn) welcome();
  if (!opened) { opened = true; resume(); }
}

/** Where the page was left: the picture and its passages, or the question. */
async function resume() {
  const id = recall("documents-picture");
  const job = id && await getJson(`jobs/${id}`).catch(() => null);
  if (turn) return; // something was asked meanwhile
  if (job) await reopen(job);
  else if (parts.question.value) await ask();
}

async function reopen(job) {
  const { question = "", prompt = "", style = "", k, document } = job.asked;
  if (!parts.question.value) parts.question.value = question;
  if (job.result) {
    turn++; // what was asked before is not waited for
    asked = { question, ...(k && { k }), ...(document && { document }) };
    parts.place.replaceChildren();
    answer.show(job.result);
  } else if (question) await ask();
  if (prompt) answer.prompt = prompt;
  parts.style.value = [...parts.style.options].some((one) => one.value === style) ? style : "";
  parts.answer.hidden = false;
  primary();
  await painting.again(job.id);
}

function offer(documents) {
  const chosen = parts.document.value, readable = documents.filter((one) => !one.error);
  parts.document.replaceChildren(new Option("All documents", ""), ...readable.map((one) => new Option(one.title || one.name, one.id)));
  parts.document.value = readable.some((one) => one.id === chosen) ? chosen : "";
  if (opened && parts.place.querySelector("[data-kind=empty]")) welcome();
}

function welcome() {
  const empty = papers.list.length === 0;
  state(parts.place, "empty", {
    sign: "book", title: empty ? "No documents of yours yet" : "Ask a question",
    text: empty ? "Drop some on this page. Until then, twelve famous buildings in words come with Atelier: the first question takes them in." : "The passages that answer it are found by what they mean, and become a picture.",
    actions: empty || papers.list.some((one) => one.sample) ? IDEAS.map((idea) => button(idea, () => { parts.question.value = idea; ask(); }, { kind: "small" })) : [],
  });
}

async function ask() {
  const question = parts.question.value.trim();
  notice(parts.trouble, null);
  if (!question) { parts.question.focus(); return notice(parts.trouble, { message: "Ask something first." }); }
  tab.setItem(DRAFT, question);
  const mine = ++turn, json = { question, k: Number(parts.k.value), ...(parts.document.value && { document: parts.document.value }) };
  const samples = papers.list.length === 0;
  const slow = setTimeout(() => { parts.answer.hidden = true; state(parts.place, "loading", samples ? { title: "Taking in the twelve buildings…", text: "They come with Atelier. This happens once." } : { title: "Reading…" }); }, 300);
  parts.go.disabled = true;
  try {
    const draft = await getJson("illustrate/prompt", { method: "POST", json });
    if (mine !== turn) return;
    asked = json;
    painting.clear();
    parts.place.replaceChildren();
    answer.show(draft);
    if (samples) await papers.load();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (mine !== turn) return;
    parts.answer.hidden = !asked || error.offline;
    if (error.offline) failure(parts.place, error, ask);
    else { notice(parts.trouble, error, ask); if (asked) parts.place.replaceChildren(); else welcome(); }
  } finally {
    clearTimeout(slow);
    parts.go.disabled = false;
    primary();
  }
}

/** One thing comes next: to ask, or to paint what was answered. */
function primary() {
  const next = parts.answer.hidden || parts.question.value.trim() !== asked?.question;
  parts.go.classList.toggle("primary", next);
  parts.paint.classList.toggle("primary", !next);
}

async function paint() {
  const prompt = parts.prompt.value.trim();
  notice(parts.paintTrouble, null);
  if (!prompt) { parts.prompt.focus(); return notice(parts.paintTrouble, { message: "There are no words to paint." }); }
  answer.painted(null);
  await painting.paint("illustrate", { ...asked, prompt, ...(parts.style.value && { style: parts.style.value }) });
}
