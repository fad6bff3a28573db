// Design: draw, and see it painted while the pen moves; Generate makes the picture as a job.
import { ApiError, getBlob, getJson, line, request } from "../api.js";
import { refs } from "../dom.js";
import { latest } from "../engines.js";
import { cancel, follow, forget, JobEnded, recall, remember, submit, words } from "../job.js";
import { notice } from "../states.js";
import { busy, go as goTo } from "../tabs.js";
import { toast } from "../toast.js";
import { Canvas } from "./canvas.js";
import { keep, kept } from "./draft.js";
import { Easel } from "./easel.js";
import { Options } from "./options.js";
import { showOutcome } from "./outcome.js";
import { Preview } from "./preview.js";
import { Styles } from "./styles.js";
import { installTools } from "./tools.js";

let root, parts, canvas, styles, options, easel, preview, lay;
let running = null; // the job that is followed: { id, stop }

export async function mount(panel) {
  root = panel;
  parts = refs(panel);
  canvas = new Canvas(parts.canvas);
  styles = new Styles(parts);
  options = new Options(parts.form, parts);
  easel = new Easel(parts, { chosen: outcome });
  preview = new Preview({ canvas, parts, styles, easel, fields: (forPreview) => form(forPreview, 512) });
  ({ lay } = installTools(canvas, parts, { fail: trouble, begun: (name, prompt) => { if (prompt && !parts.prompt.value.trim()) parts.prompt.value = prompt; drawn(true); } }));
  canvas.addEventListener("change", (event) => drawn(event.detail.final));
  for (const part of [styles, parts.form.seed, parts.form.medium]) part.addEventListener("change", changed);
  for (const slider of [parts.form.controlnet_conditioning_scale, parts.form.ip_adapter_scale]) slider.addEventListener("input", changed);
  parts.prompt.addEventListener("input", () => { trouble(null); save(); preview.soon(500); });
  parts.live.addEventListener("change", () => preview.soon(0));
  parts.form.addEventListener("submit", (event) => { event.preventDefault(); generate(); });
  parts.prompt.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) generate(); });
  parts.cancel.addEventListener("click", () => { parts.cancel.disabled = true; running && cancel(running.id).catch(trouble); });
  parts.again.addEventListener("click", () => { options.roll(); generate(); });
  parts.asSketch.addEventListener("click", () => lay(easel.shown.blob, "The picture"));
  parts.toLibrary.addEventListener("click", () => goTo("library", { files: [new File([easel.shown.blob], `${easel.name}.png`, { type: "image/png" })] }));
  parts.toStory.addEventListener("click", () => goTo("story", { image: easel.shown.blob, name: easel.name }));
  const engine = () => options.engine(latest()?.engine ?? "painter");
  engine();
  line.addEventListener("ready", engine);
  restore();
  await open();
  line.addEventListener("back", () => { if (!styles.has("")) open(); else preview.soon(0); });
}

/** What other tabs hand over: a sketch, a style, or a job to show again. */
export async function receive({ sketch, prompt, style, job, name }) {
  if (prompt !== undefined) parts.prompt.value = prompt;
  if (sketch) await lay(sketch, name);
  if (style) { await styles.load(style).catch(trouble); changed(); }
  if (job) await reopen(job);
  parts.form.scrollIntoView({ block: "start" });
}

async function open() {
  try {
    await styles.load(kept().style ?? "");
    trouble(null);
  } catch (error) {
    return trouble(error, open);
  }
  const id = recall("design");
  if (id && !running) await resume(id);
  else preview.soon(0);
}

function restore() {
  const draft = kept();
  parts.prompt.value = draft.prompt ?? "";
  if (draft.asked) options.fill(draft.asked);
  canvas.shape = draft.shape ?? (innerWidth < 760 ? 4 / 3 : 1); // a phone shows sheet and picture together
  canvas.restore(draft.strokes ?? []);
}

const save = () => keep({ strokes: canvas.sheet.strokes, shape: canvas.shape, prompt: parts.prompt.value, style: styles.value, asked: options.fields(canvas.shape) });

function drawn(final) {
  parts.ghost.hidden = !canvas.empty || !final;
  root.style.setProperty("--shape", canvas.shape); // not on the form, whose `style` is the field of that name
  if (final) save();
  preview.soon(0);
}

function changed() { save(); preview.soon(0); }

const trouble = (error, retry) => {
  notice(parts.trouble, error, retry);
  parts.prompt.toggleAttribute("aria-invalid", error?.field === "prompt");
};

/** The form as the API takes it. */
async function form(forPreview = false, long) {
  const sent = new FormData();
  if (!canvas.empty) sent.append("file", await canvas.blob(long), "sketch.png");
  sent.append("prompt", parts.prompt.value.trim());
  sent.append("style", styles.value);
  for (const [name, value] of Object.entries(options.fields(canvas.shape, forPreview))) if (value !== "") sent.append(name, value);
  return sent;
}

async function generate() {
  if (running) return;
  trouble(null);
  const prompt = parts.prompt.value.trim();
  if (!prompt && (canvas.empty || !styles.value)) {
    parts.prompt.focus();
    return trouble({ field: "prompt", message: canvas.empty ? "Nothing is drawn or written yet." : "Say in a few words what it is.", remedy: canvas.empty ? "draw something, or write what the picture shall show" : "or choose a style, and the drawing alone is painted" });
  }
  const sketch = canvas.empty ? null : await canvas.blob();
  begin();
  try {
    await paint(await submit("generate", { body: await form() }), sketch);
  } catch (error) {
    ended(error);
  }
}

function begin() {
  preview.pause();
  parts.go.disabled = true;
  parts.cancel.disabled = true;
  busy("design", true);
  easel.begin();
}

/** Follow a job to its pictures. */
async function paint(id, sketch) {
  running = { id };
  remember("design", id);
  parts.cancel.disabled = false;
  const job = await follow(id, (event) => easel.progress(event, words(event)));
  const blobs = await Promise.all(job.result.images.map((name) => getBlob(`jobs/${id}/files/${name}`)));
  easel.finish(blobs.map((blob, index) => ({ blob, index, told: job.result, sketch, id })));
  ended(null);
}

function ended(error) {
  running = null;
  forget("design");
  parts.go.disabled = false;
  busy("design", false);
  if (error) {
    easel.stop();
    if (error instanceof JobEnded && error.state === "cancelled") toast("Cancelled. Your sketch and words are as they were.");
    else if (error instanceof JobEnded || error instanceof ApiError) trouble(error, generate);
    else throw error;
  } else preview.drop(); // the picture stays until something is drawn again
  preview.resume();
}

/** A job of before the page was loaded anew, as far as it has come. */
async function resume(id) {
  try {
    const job = await getJson(`jobs/${id}`);
    const sketch = job.inputs.includes("sketch") ? await getBlob(`jobs/${id}/files/sketch`) : null;
    begin();
    await paint(id, sketch);
  } catch (error) {
    ended(error.status === 404 ? null : error);
  }
}

/** A job of the history: its words, its sketch, its pictures. */
async function reopen(job) {
  try {
    const sketch = job.inputs.includes("sketch") ? await getBlob(`jobs/${job.id}/files/sketch`) : null;
    parts.prompt.value = job.asked.prompt ?? "";
    options.fill(job.asked);
    styles.choose(job.asked.style ?? "");
    preview.pause();
    if (sketch) await lay(sketch, "The sketch of that job"); else canvas.clear();
    preview.drop();
    preview.resume();
    if (job.state === "done") {
      const blobs = await Promise.all(job.result.images.map((name) => getBlob(`jobs/${job.id}/files/${name}`)));
      easel.finish(blobs.map((blob, index) => ({ blob, index, told: job.result, sketch, id: job.id })));
    } else if (["queued", "running"].includes(job.state)) {
      await resume(job.id);
    }
  } catch (error) {
    trouble(error);
  }
}

/** Beside the picture that is shown: what it came from, and what can be done with it. */
function outcome(shot) {
  parts.outcome.hidden = parts.after.hidden = !shot;
  if (shot) showOutcome(parts.outcome, shot, (id) => { styles.choose(id); changed(); generate(); });
}
