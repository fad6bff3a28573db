// History: the jobs, newest first, page by page, and kept up with what becomes of them while the tab is shown.
import { getJson, line, request } from "../api.js";
import { button, el, refs } from "../dom.js";
import { cancel } from "../job.js";
import { failure, notice, state } from "../states.js";
import { sure } from "../sure.js";
import { go } from "../tabs.js";
import { toast } from "../toast.js";
import { plural } from "../words.js";
import { prove } from "./proof.js";
import { Row } from "./row.js";
import { asked, KINDS, kindOf, live, STATES } from "./told.js";

const PAGE = 20, MOVING = 1000, STILL = 6000; // jobs; ms between two looks

let parts, timer = 0, shown = false, look = 0;
const rows = new Map(); // id -> Row, in the order of the list

export async function mount(panel) {
  parts = refs(panel);
  for (const [value, { name }] of Object.entries(KINDS)) parts.kind.append(el("option", { value }, name));
  for (const [value, name] of Object.entries(STATES)) parts.state.append(el("option", { value }, name));
  parts.filters.addEventListener("change", () => { clear(); update(); });
  parts.filters.addEventListener("submit", (event) => event.preventDefault());
  parts.more.addEventListener("click", more);
  parts.forgetAll.addEventListener("click", forgetAll);
  parts.upload.addEventListener("change", () => { proveFile(parts.upload.files[0]); parts.upload.value = ""; });
  panel.addEventListener("dragover", (event) => { event.preventDefault(); parts.dropzone.classList.add("drop-here"); });
  panel.addEventListener("dragleave", () => parts.dropzone.classList.remove("drop-here"));
  panel.addEventListener("drop", (event) => { event.preventDefault(); parts.dropzone.classList.remove("drop-here"); proveFile(event.dataTransfer.files[0]); });
  document.addEventListener("visibilitychange", () => shown && !document.hidden && update());
  line.addEventListener("back", () => shown && update());
  state(parts.place, "loading", { title: "Looking up what was made…" });
}

export function show() { shown = true; update(); }

export function hide() { shown = false; clearTimeout(timer); }

const wanted = (before) => new URLSearchParams({ limit: PAGE, ...filters(), ...(before && { before }) });
const filters = () => Object.fromEntries(Object.entries({ kind: parts.kind.value, state: parts.state.value }).filter(([, value]) => value));

/** Look at the first page again, and at those further down that still move. */
async function update() {
  clearTimeout(timer);
  const own = ++look;
  try {
    const page = await getJson(`jobs?${wanted()}`);
    const below = await further(page);
    if (own !== look) return;
    if (!below.length) parts.more.hidden = !page.next;
    lay([...page.jobs, ...below]);
    notice(parts.trouble, null);
  } catch (error) {
    if (own !== look) return;
    if (!rows.size) { parts.more.hidden = true; failure(parts.place, error, update); }
    else if (!error.offline) notice(parts.trouble, error, update); // the band tells of the other
  }
  if (shown && !document.hidden) timer = setTimeout(update, [...rows.values()].some(({ job }) => live(job)) ? MOVING : STILL);
}

/** The jobs that are listed below a first page, those that move as they are now. */
async function further({ jobs, next }) {
  const first = new Set(jobs.map(({ id }) => id)), last = jobs.at(-1);
  if (!next) return [];
  const below = [...rows.values()].map(({ job }) => job).filter(({ id, created }) => !first.has(id) && created <= last.created);
  const found = await Promise.all(below.map((job) => (live(job) ? getJson(`jobs/${job.id}`).catch((error) => (error.status === 404 ? null : job)) : job)));
  return found.filter((job) => job && (!parts.state.value || job.state === parts.state.value));
}

/** Show these jobs, in this order, with the rows that there are. */
function lay(jobs) {
  const kept = new Map(rows), does = { open, cancel: stop, again, forget };
  const ended = [];
  rows.clear();
  jobs.forEach((job, at) => {
    const row = kept.get(job.id) ?? new Row(job, does);
    kept.delete(job.id);
    if (live(row.job) && !live(job)) ended.push(`${kindOf(job).name}: ${STATES[job.state]}`);
    row.update(job);
    rows.set(job.id, row);
    const there = parts.list.children[at];
    if (there !== row.element) parts.list.insertBefore(row.element, there ?? null);
  });
  for (const row of kept.values()) row.leave();
  if (ended.length) parts.said.textContent = ended.join(", ");
  parts.forgetAll.disabled = !Object.keys(filters()).length && jobs.every(live);
  if (jobs.length) parts.place.replaceChildren();
  else empty();
}

function empty() {
  if (Object.keys(filters()).length) {
    const all = () => { parts.filters.reset(); clear(); update(); };
    return state(parts.place, "empty", { title: "Nothing of that kind", text: "What was asked for is of another kind, or in another state.", sign: "search", actions: [button("Show everything", all)] });
  }
  return state(parts.place, "empty", { title: "Nothing was asked for yet", text: "Every picture, story and document that you ask for is listed here, with how it was made.", sign: "clock", actions: [button("Draw something", () => go("design"), { kind: "primary", sign: "pen" })] });
}

function clear() {
  for (const row of rows.values()) row.leave();
  rows.clear();
  parts.more.hidden = true;
  state(parts.place, "loading", { title: "Looking up what was made…" });
}

async function more() {
  const last = [...rows.keys()].at(-1);
  parts.more.disabled = true;
  try {
    const page = await getJson(`jobs?${wanted(last)}`);
    look += 1; // a look that is under way knows nothing of these
    lay([...[...rows.values()].map(({ job }) => job), ...page.jobs]);
    notice(parts.trouble, null);
    parts.more.hidden = !page.next;
    rows.get(page.jobs[0]?.id)?.element.querySelector("button")?.focus();
  } catch (error) {
    if (error.status !== 404) return notice(parts.trouble, error, more);
    clear(); // the last one was forgotten elsewhere
  } finally {
    parts.more.disabled = false;
    timer = setTimeout(update, MOVING);
  }
}

function open({ job }) {
  const { tab } = kindOf(job);
  if (tab) go(tab, tab === "library" ? undefined : { job });
}

/** Do something with a job and look again; what goes wrong is said beside it. */
async function act(row, control, work) {
  if (control.ariaDisabled) return;
  control.ariaDisabled = "true"; // a button that is disabled for good would lose the focus
  try {
    await work();
    row.trouble(null);
    await update();
  } catch (error) {
    row.trouble(error, () => act(row, control, work));
  } finally {
    control.ariaDisabled = null;
  }
}

const stop = (row, control) => act(row, control, () => cancel(row.job.id));
const again = (row, control) => act(row, control, () => request(`jobs/${row.job.id}/retry`, { method: "POST" }));

async function forget(row, control) {
  if (!await sure("Forget this?", `“${asked(row.job)}” leaves the history, with its pictures. What was downloaded, or is in the library, stays.`, "Forget it", "Keep it")) return;
  const beside = row.element.nextElementSibling ?? row.element.previousElementSibling;
  await act(row, control, () => request(`jobs/${row.job.id}?forget=true`, { method: "DELETE" }));
  (beside?.querySelector(".button") ?? parts.kind).focus();
}

async function forgetAll() {
  if (!await sure("Forget all that is finished?", "Everything that has ended leaves the history with its pictures, whatever is shown of it here. What was downloaded, or is in the library, stays; so do the stories that are remembered.", "Forget all", "Keep them")) return;
  try {
    const { forgotten } = await getJson("jobs?state=finished", { method: "DELETE" });
    toast(`${plural(forgotten, "entry", "entries")} forgotten`);
    parts.kind.focus();
    await update();
  } catch (error) {
    notice(parts.trouble, error, forgetAll);
  }
}

function proveFile(file) { if (file) prove(file, file.name, parts.proof); }
