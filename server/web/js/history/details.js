// Details: when a job was asked for and done, by what and how; its recipe; and the proof that it holds.
import { getBlob } from "../api.js";
import { copy } from "../copying.js";
import { button, el } from "../dom.js";
import { notice } from "../states.js";
import { prove } from "./proof.js";
import { fileName, seconds } from "./told.js";
import { duration, list } from "../words.js";

const MADE_HERE = ["design", "illustrate", "picture"]; // their PNGs carry a recipe

export function details(job) {
  const { result, asked } = job, recipe = result?.recipe;
  return [
    el("dl.facts", {}, facts(job).filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    (result?.notes ?? []).map((note) => el("p.small.muted", {}, `${note[0].toUpperCase()}${note.slice(1)}.`)),
    failures(result?.results ?? result?.failures),
    MADE_HERE.includes(job.kind) && result?.images?.length ? proofs(job) : null,
    json(recipe ? "Recipe" : "What was asked", recipe ?? asked),
  ].flat(Infinity).filter(Boolean);
}

function facts(job) {
  const { result } = job, ran = seconds(job), styles = result?.styles ?? [], recipe = result?.recipe;
  return [
    ["Engine", result?.engine ?? recipe?.engine],
    ["Style", list(styles.map(({ name, score }) => (score === null || score === undefined ? name : `${name}, found with ${score.toFixed(2)}`)))],
    ["Seed", result?.seeds?.join(", ")],
    ["Size", recipe?.width && `${recipe.width} × ${recipe.height} px`],
    ["Prompt", result?.prompt],
    ["Asked", exact(job.created)],
    ["Begun", exact(job.started)],
    ["Ended", exact(job.finished)],
    ["Took", ran === null ? "" : duration(ran)],
    ["Attempts", job.attempts > 1 && String(job.attempts)],
    ["Worker", job.worker],
    ["Job", el("span.mono", {}, job.id)],
  ];
}

export const exact = (iso) => (iso ? new Date(iso).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "medium" }) : "");

/** The files that could not be taken in, or the pictures that could not be described, each with its reason. */
function failures(results = []) {
  const failed = results.filter((one) => one.error);
  return failed.length > 0 && el("ul.failures.small", {}, failed.slice(0, 20).map((one) => el("li", {}, el("strong", {}, one.path ?? one.name ?? one.id), `: ${one.error.message}`)));
}

function proofs(job) {
  const place = el("div", {}), { images } = job.result;
  const begin = (index) => async () => {
    try {
      await prove(await getBlob(`jobs/${job.id}/files/${encodeURIComponent(images[index])}`), fileName(job, index), place);
    } catch (error) {
      notice(place, error, begin(index));
    }
  };
  return el("div.stack", {},
    el("p.small.muted", {}, "Its recipe travels in the PNG. Prove it: it is made again from that alone, and compared pixel by pixel."),
    el("div.row", {}, images.map((_, index) => button(images.length > 1 ? `Prove picture ${index + 1}` : "Prove it", begin(index), { kind: "small", sign: "check" }))),
    place);
}

function json(title, told) {
  const text = JSON.stringify(told, null, 2);
  return el("div.stack.recipe", {}, el("div.row.apart", {}, el("h4", {}, title), button("Copy", () => copy(text, title), { kind: "small quiet", sign: "copy" })),
    el("pre.mono", { tabIndex: 0, role: "group", "aria-label": title }, text));
}
