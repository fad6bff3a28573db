// Told: a job in words, as a person would say what was asked and what came of it. Pure, so that it is tested alone.
import { duration, list, plural } from "../words.js";

/** The kinds of jobs: what they are called, their sign, and the tab that opens them. */
export const KINDS = {
  design: { name: "Design", sign: "pen", tab: "design" },
  illustrate: { name: "Illustration", sign: "picture", tab: "documents" },
  story: { name: "Story", sign: "book", tab: "story" },
  picture: { name: "Picture of a story", sign: "picture", tab: "story" },
  pictures: { name: "Pictures taken in", sign: "folder", tab: "library" },
  documents: { name: "Documents taken in", sign: "page", tab: "documents" },
  describe: { name: "Descriptions", sign: "search", tab: "library" },
  "embed-descriptions": { name: "Descriptions made searchable", sign: "search", tab: "library" },
  replay: { name: "Replay", sign: "again", tab: null },
};

export const STATES = { queued: "Waiting", running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled", dead: "Given up" };

export const kindOf = (job) => KINDS[job.kind] ?? { name: job.kind, sign: "star", tab: null };

export const live = (job) => job.state === "queued" || job.state === "running";

const LONGEST = 180, NAMED = 3; // letters of what was asked; names of files

/** What was asked, in its own words where there are any. */
export const asked = (job) => said(job) || kindOf(job).name;

function said({ kind, asked: told = {}, result }) {
  switch (kind) {
    case "design": return cut(told.prompt) || "A sketch without words";
    case "illustrate": return cut(told.question || told.prompt);
    case "story": return cut(result?.title || told.wish) || "A story of a picture";
    case "picture": return cut(told.story);
    case "describe": return told.folder ? `Pictures in ${told.folder}` : "Pictures of the library that had no description";
    case "embed-descriptions": return "Descriptions of the library";
    case "replay": return `${told.name ?? "A picture"}, made again`;
    default: return told.path ?? files(told.names ?? []);
  }
}

function cut(text = "") {
  const words = (text ?? "").replace(/\s+/g, " ").trim();
  return words.length <= LONGEST ? words : `${words.slice(0, LONGEST).replace(/\s\S*$/, "")}…`;
}

function files(names) {
  if (names.length <= NAMED + 1) return list(names);
  return `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more`;
}

/** What came of it, and what made it: short pieces, the engine among them. */
export function outcome({ kind, state, result }) {
  if (state !== "done" || !result) return [];
  if (kind === "replay") return [verdict(result).title];
  if (kind === "story") return [result.engine, plural(wordsIn(result.story), "word")];
  if (kind === "describe") return [`${result.described} described`, result.failed && `${result.failed} failed`, result.engine].filter(Boolean);
  if (kind === "embed-descriptions") return [`${result.embedded} embedded`, result.engine];
  if (result.styles) return [list(result.styles.map(({ name }) => name)), result.engine, seeds(result.seeds)];
  const counts = ["new", "changed", "renamed", "unchanged", "gone", "failed"].filter((name) => result[name]);
  return counts.length ? counts.map((name) => `${result[name]} ${name}`) : ["Nothing was there"];
}

const seeds = (numbers) => `${numbers.length > 1 ? "seeds" : "seed"} ${numbers.join(", ")}`;
const wordsIn = (text) => (text.match(/\S+/g) ?? []).length;

/** A replay's verdict: `{ good, title, text }`. */
export function verdict({ verdict: told, differences, largest_difference: largest }) {
  const why = differences.map((one) => `${one[0].toUpperCase()}${one.slice(1)}${/[.!?]$/.test(one) ? "" : "."}`);
  switch (told) {
    case "identical": return { good: true, title: "Identical", text: "Made again from its own recipe, it is the same in every pixel.", why };
    case "close": return { good: true, title: "Close", text: `Made again, no value is off by more than ${largest} of 255, as arithmetic differs between machines.`, why };
    default: return { good: false, title: "Different", text: largest === null ? "It cannot be made again as it was." : `Made again, it differs by up to ${largest} of 255.`, why };
  }
}

/** How long it ran, in seconds; null where it has not ended, or never began. */
export const seconds = ({ started, finished }) => (started && finished ? (Date.parse(finished) - Date.parse(started)) / 1000 : null);

export function took(job) {
  const ran = seconds(job);
  return ran === null ? "" : duration(ran);
}

/** Paths of small pictures that show it, at most `most`, and how many there are: `{ paths, count, paper }`. */
export function pictures({ id, kind, state, result, inputs = [] }, most = 4) {
  const made = (name) => `jobs/${id}/files/${encodeURIComponent(name)}?size=320`;
  if (state === "done" && result?.images?.length) return { paths: result.images.slice(0, most).map(made), count: result.images.length };
  if (kind === "pictures" && result?.results) {
    const kept = result.results.filter((one) => one.id && one.outcome !== "failed" && one.outcome !== "gone");
    return { paths: kept.slice(0, most).map((one) => `pictures/${encodeURIComponent(one.id)}/thumbnail`), count: kept.length };
  }
  return { paths: inputs.slice(0, 1).map(made), count: Math.min(1, inputs.length), paper: inputs[0] === "sketch" };
}

/** What the file of picture number `index` is called. */
export function fileName(job, index) {
  const words = asked(job).toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [job.kind];
  return `${words.slice(0, 6).join("-")}-${job.result.seeds?.[index] ?? index + 1}.png`;
}

/** Its place in the queue. */
export const place = (position) => (position > 1 ? `Waiting: ${position - 1} before it` : "Waiting: next");
